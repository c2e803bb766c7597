(******************************************************************************)
(* LU factors with prescribed pivots (Q4, Q5, Q5').  A matrix that is not     *)
(* scalar is similar to one with a first row (g, y), y <> 0 (`stage`), and,   *)
(* if its Schur complement is a scalar other than 0, a shear makes it non-    *)
(* scalar (`schur_stage`).  Induction on the size gives the pivots, as many   *)
(* as the rank (`lu_pivots`); the last one follows from the determinant.      *)
(******************************************************************************)
From mathcomp Require Import all_ssreflect all_algebra complex.
From mathcomp.classical Require Import boolp.
From mathcomp Require Import reals.
From DeepExpExact Require Import Statements.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.
Local Open Scope complex_scope.

Section Stage.
Variable F : fieldType.

(* ---- Triangular matrices ---- *)
Lemma lower_mul n (A B : 'M[F]_n) : lower_triangular A -> lower_triangular B ->
  lower_triangular (A *m B) /\ forall i, (A *m B) i i = A i i * B i i.
Proof.
move=> lA lB; split=> [i j ij|i]; rewrite mxE.
  rewrite big1 // => k _; have [ik|ki] := ltnP i k; first by rewrite lA ?mul0r.
  by rewrite lB ?mulr0 // (leq_ltn_trans ki).
rewrite (bigD1 i) //= big1 ?addr0 // => k ki.
have [ik|ik] := ltnP i k; first by rewrite lA ?mul0r.
by rewrite lB ?mulr0 // ltn_neqAle ik andbT.
Qed.

Lemma upper_tr n (A : 'M[F]_n) : upper_triangular A <-> lower_triangular A^T.
Proof. by split=> h i j ij; have := h j i ij; rewrite mxE. Qed.

Lemma upper_mul n (A B : 'M[F]_n) : upper_triangular A -> upper_triangular B ->
  upper_triangular (A *m B) /\ forall i, (A *m B) i i = A i i * B i i.
Proof.
move=> /upper_tr lA /upper_tr lB; have [l e] := lower_mul lB lA.
split=> [|i]; first by apply/upper_tr; rewrite trmx_mul.
by have := e i; rewrite -trmx_mul !mxE mulrC.
Qed.

Lemma diag_lower n (r : 'rV[F]_n) : lower_triangular (diag_mx r).
Proof. by move=> i j ij; rewrite mxE; case: eqP ij => // ->; rewrite ltnn. Qed.
Lemma diag_upper n (r : 'rV[F]_n) : upper_triangular (diag_mx r).
Proof. by move=> i j ij; rewrite mxE; case: eqP ij => // ->; rewrite ltnn. Qed.

Lemma unit_lower_unit n (H : 'M[F]_n) : unit_lower H -> H \in unitmx.
Proof.
case=> lH dH; rewrite unitmxE det_trig; last by apply/is_trig_mxP.
by rewrite big1 ?unitr1.
Qed.

Lemma unit_lower_inv n (H : 'M[F]_n) : unit_lower H -> unit_lower (invmx H).
Proof.
move=> uH; have [lH dH] := uH; set X := invmx H.
have e i j : X i j = (i == j)%:R - \sum_(k | k != i) H i k * X k j.
  have /matrixP/(_ i j) := mulmxV (unit_lower_unit uH); rewrite mxE (bigD1 i) //= dH mul1r.
  by rewrite mxE => <-; rewrite addrK.
have lX : lower_triangular X.
  move=> i; have [m mi] := ubnP (val i); elim: m i mi => // m IH i mi j ij.
  rewrite e big1 => [|k ki]; first by rewrite subr0; case: eqP ij => // ->; rewrite ltnn.
  have [ik|ik] := ltnP i k; first by rewrite lH ?mul0r.
  have ki' : (k < i)%N by rewrite ltn_neqAle ki.
  by rewrite (IH k (leq_trans ki' mi) j (ltn_trans ki' ij)) mulr0.
split=> // i; rewrite e eqxx big1 ?subr0 // => k ki.
have [ik|ik] := ltnP i k; first by rewrite lH ?mul0r.
by rewrite lX ?mulr0 // ltn_neqAle ki.
Qed.

(* ---- One stage ---- *)
Lemma row_split n (C : 'M[F]_n.+1) : ~~ is_scalar_mx C ->
  exists u : 'rV_n.+1, ~~ (u *m C <= u)%MS.
Proof.
apply: contraNP => h; have {}h (u : 'rV_n.+1) : (u *m C <= u)%MS.
  by apply: contra_notT h => h; exists u.
have e (u : 'rV_n.+1) : exists k, u *m C = k *: u by apply/sub_rVP.
have ei i j : C i j = C i i *+ (i == j).
  have [k ek] := e (delta_mx 0 i); move/matrixP: ek => ek.
  have := ek 0 i; rewrite -rowE !mxE !eqxx mulr1 => ->.
  by have := ek 0 j; rewrite -rowE !mxE eqxx /= => ->; rewrite eq_sym mulr_natr.
suff ec i : C i i = C 0 0.
  by apply/is_scalar_mxP; exists (C 0 0); apply/matrixP => i j; rewrite [RHS]mxE [LHS]ei (ec i).
have [->//|i0] := eqVneq i 0.
have [k /matrixP ek] := e (delta_mx 0 0 + delta_mx 0 i).
have := ek 0 0; have := ek 0 i; rewrite mulmxDl -!rowE !mxE.
by rewrite !eqxx !(ei 0 i) !(ei i 0) (negbTE i0) eq_sym (negbTE i0) !add0r !addr0 !mulr1 => -> ->.
Qed.

Definition similar_by n (P C C' : 'M[F]_n) := P \in unitmx /\ P *m C = C' *m P.
Lemma similar_trans n (P Q C C' C'' : 'M[F]_n) :
  similar_by P C C' -> similar_by Q C' C'' -> similar_by (Q *m P) C C''.
Proof.
move=> [uP eP] [uQ eQ]; split; first by rewrite unitmx_mul uQ.
by rewrite -mulmxA eP !mulmxA eQ.
Qed.

Lemma shear_similar n (c : 'M[F]_1) (y : 'rV[F]_n) (x t : 'cV[F]_n) (S : 'M[F]_n) :
  similar_by (block_mx 1%:M 0 (- t) 1%:M) (block_mx c y x S)
    (block_mx (c + y *m t) y (x - t *m (c + y *m t) + S *m t) (S - t *m y)).
Proof.
split; first by rewrite unitmxE det_lblock !det1 mulr1 unitr1.
rewrite !mulmx_block !mul1mx !mulmx1 !mul0mx !mulmx0 !addr0 !add0r !mulmxN !mulNmx.
congr block_mx.
- by rewrite -addrA subrr addr0.
- rewrite mulmxDr mulmxBl -[t *m y *m t]mulmxA.
  set p := t *m c; set q := t *m _; set r := S *m t.
  by rewrite opprB addrA [RHS]addrAC addrK opprD addrA subrK addrC.
- by rewrite addrC.
Qed.

Lemma stage n (C : 'M[F]_(1 + n)) (g : F) : ~~ is_scalar_mx C ->
  exists (P : 'M[F]_(1 + n)) (y : 'rV[F]_n) (x : 'cV[F]_n) (S : 'M[F]_n),
    y != 0 /\ similar_by P C (block_mx g%:M y x S).
Proof.
case/row_split=> u nu.
have u0 : u != 0 by apply: contraNneq nu => ->; rewrite mul0mx sub0mx.
pose P : 'M[F]_(1 + n) := row_ebase u; have uP : P \in unitmx by exact: row_ebase_unit.
have [k eu] : exists k, u = k *: row 0 P.
  exists (col_ebase u 0 0); rewrite -[in LHS](mulmx_ebase u) rank_rV u0 -/P -mulmxA.
  rewrite {1}[col_ebase u]mx11_scalar mul_scalar_mx rowE; congr (_ *: (_ *m _)).
  by apply/matrixP => i j; rewrite !ord1 !mxE; case: j => -[|j].
pose C' := P *m C *m invmx P.
have s1 : similar_by P C C' by split; rewrite // /C' mulmxKV.
clearbody C'.
pose c := ulsubmx C'; pose y := ursubmx C'.
have y0 : y != 0.
  apply: contraNneq nu => y0; rewrite eu -scalemxAl.
  suff -> : row 0 P *m C = C' 0 0 *: row 0 P.
    by rewrite scalerA mulrC -scalerA scalemx_sub.
  rewrite -row_mul (proj2 s1) row_mul [in RHS]rowE scalemxAl; congr (_ *m _).
  apply/rowP => j; rewrite !mxE eqxx /=; have [->|j0] := eqVneq j 0; first by rewrite mulr1.
  have [l ->] : exists l, j = rshift 1 l.
    by case: (split_ordP j) j0 => l ->; [rewrite ord1 -(inj_eq val_inj) | exists l].
  have := congr1 (fun A : 'M[F]_(1, n) => A 0 l) y0; rewrite !mxE mulr0 => <-.
  by congr (C' _ _); apply: val_inj.
have /row_freeP[b yb] : row_free y by rewrite /row_free rank_rV y0.
pose t := b *m (g%:M - c); have yt : c + y *m t = g%:M.
  by rewrite /t mulmxA yb mul1mx addrC subrK.
have := similar_trans s1; rewrite -[C']submxK -/c -/y => /(_ _ _ (shear_similar _ _ _ t _)).
rewrite yt => s2; do 4!eexists; split; [exact: y0 | exact: s2].
Qed.

Definition schur n (g : F) (y : 'rV[F]_n) (x : 'cV[F]_n) (S : 'M[F]_n) : 'M[F]_n :=
  S - g^-1 *: (x *m y).

(* I - a t y with y t = 0, t y <> 0 and a <> 0 is not scalar. *)
Lemma rank1_not_scalar n (t : 'cV[F]_n.+2) (y : 'rV[F]_n.+2) (k : F) :
  y != 0 -> t != 0 -> k != 0 -> forall b : F, ~~ is_scalar_mx (b%:M - k *: (t *m y)).
Proof.
move=> y0 t0 k0 b; apply/negP => /is_scalar_mxP[a e].
have {}e : t *m y = (k^-1 * (b - a))%:M.
  have -> : t *m y = k^-1 *: (k *: (t *m y)) by rewrite scalerA mulVf ?scale1r.
  by rewrite -[_ *: (t *m y)](subKr b%:M) e -raddfB scale_scalar_mx.
have /row_freeP[p yp] : row_free y by rewrite /row_free rank_rV y0.
have [c0|c0] := eqVneq (k^-1 * (b - a)) 0.
  move: t0; have -> : t = t *m y *m p by rewrite -mulmxA yp mulmx1.
  by rewrite e c0 raddf0 mul0mx eqxx.
have : (\rank (t *m y) <= 1)%N by apply: leq_trans (mxrankM_maxr _ _) (rank_leq_row _).
by rewrite e mxrank_unit // unitmxE det_scalar unitfE expf_neq0.
Qed.

Lemma kernel_vector n (y : 'rV[F]_n.+2) : exists2 t : 'cV[F]_n.+2, t != 0 & y *m t = 0.
Proof.
have : kermx y^T != 0.
  by rewrite kermx_eq0 /row_free neq_ltn (leq_ltn_trans (rank_leq_col _)).
case/rowV0Pn=> v /sub_kermxP vy v0; exists v^T; first by rewrite trmx_eq0.
by apply: trmx_inj; rewrite trmx_mul trmxK trmx0.
Qed.

Lemma schur_stage n (C : 'M[F]_(1 + n.+1)) (g : F) : ~~ is_scalar_mx C -> g != 0 ->
  exists (P : 'M[F]_(1 + n.+1)) (y : 'rV[F]_n.+1) (x : 'cV[F]_n.+1) (S : 'M[F]_n.+1),
    similar_by P C (block_mx g%:M y x S) /\
    ((0 < n)%N -> ~~ is_scalar_mx (schur g y x S) \/ schur g y x S = 0).
Proof.
move=> nC g0; have [P [y [x [S [y0 sP]]]]] := stage g nC.
have [nS|/negPn/is_scalar_mxP[b eb]] := boolP (~~ is_scalar_mx (schur g y x S)).
  by exists P, y, x, S; split=> // _; left.
have [b0|b0] := eqVneq b 0.
  by exists P, y, x, S; split=> // _; right; rewrite eb b0 raddf0.
case: n => [|n] in C nC P y x S y0 sP eb *; first by exists P, y, x, S; split.
have [t t0 yt] := kernel_vector y.
have := similar_trans sP (shear_similar _ _ _ t _); rewrite yt addr0.
set L := block_mx _ _ _ _; set x' := x - _ + _; set S' := S - _ => s2.
exists (L *m P), y, x', S'; split=> // _; left.
suff -> : schur g y x' S' = b%:M - (g^-1 * b) *: (t *m y).
  by apply: rank1_not_scalar; rewrite ?mulf_neq0 ?invr_eq0.
have St : S *m t = b *: t.
  have -> : S = b%:M + g^-1 *: (x *m y) by rewrite -eb /schur subrK.
  by rewrite mulmxDl mul_scalar_mx -scalemxAl -mulmxA yt mulmx0 scaler0 addr0.
rewrite /schur /x' /S' St mul_mx_scalar !mulmxDl mulNmx -!scalemxAl !scalerDr scalerN.
rewrite !scalerA mulVf // scale1r -eb /schur.
set p := g^-1 *: (x *m y); set q := t *m y; set r := _ *: q.
by rewrite opprD opprB !addrA subrK.
Qed.

Lemma assemble n (C : 'M[F]_(1 + n)) (g : F) P y x S (Q H1 U1 : 'M[F]_n) :
  g != 0 -> similar_by P C (block_mx g%:M y x S) ->
  Q \in unitmx -> unit_lower H1 -> upper_triangular U1 ->
  Q *m schur g y x S = H1 *m U1 *m Q ->
  exists P' H : 'M[F]_(1 + n), let U := block_mx g%:M (y *m invmx Q) 0 U1 in
  [/\ P' \in unitmx, unit_lower H, upper_triangular U & P' *m C = H *m U *m P'].
Proof.
move=> g0 [uP eP] uQ [lH dH] uU eQ.
exists (block_mx 1%:M 0 0 Q *m P), (block_mx 1%:M 0 (g^-1 *: (Q *m x)) H1) => U; split.
- by rewrite unitmx_mul uP andbT unitmxE det_ublock det1 mul1r -unitmxE.
- split=> [i j|i].
    case: (split_ordP i) => k ->; case: (split_ordP j) => l ->;
      rewrite ?block_mxEul ?block_mxEur ?block_mxEdl ?block_mxEdr /=.
    + by rewrite !ord1.
    + by rewrite mxE.
    + by rewrite ord1.
    + by rewrite ltn_add2l; apply: lH.
  case: (split_ordP i) => k ->; rewrite ?block_mxEul ?block_mxEdr ?dH //.
  by rewrite ord1 mxE.
- move=> i j; rewrite /U; case: (split_ordP i) => k ->; case: (split_ordP j) => l ->;
    rewrite ?block_mxEul ?block_mxEur ?block_mxEdl ?block_mxEdr /=.
  + by rewrite !ord1.
  + by rewrite ord1 ltnNge leq_addr.
  + by rewrite mxE.
  + by rewrite ltn_add2l; apply: uU.
rewrite -mulmxA eP !mulmxA; congr (_ *m P).
rewrite /U !mulmx_block !mul1mx !mulmx1 !mul0mx !mulmx0 !addr0 !add0r.
rewrite !mulmxDl !mulmxKV //; congr block_mx.
  by rewrite mul_mx_scalar scalerA divff // scale1r.
have -> : S = schur g y x S + g^-1 *: (x *m y) by rewrite subrK.
by rewrite mulmxDr eQ -!scalemxAl -scalemxAr !mulmxA mulmxKV // addrC.
Qed.

Lemma rank_unit_l n (P A : 'M[F]_n) : P \in unitmx -> \rank (P *m A) = \rank A.
Proof. by move=> uP; rewrite eqmxMfull ?row_full_unit. Qed.
Lemma rank_unit_r n (P A : 'M[F]_n) : P \in unitmx -> \rank (A *m P) = \rank A.
Proof. by move=> uP; rewrite mxrankMfree ?row_free_unit. Qed.

Lemma unit_lower1 n : unit_lower (1%:M : 'M[F]_n).
Proof.
split=> [i j ij|i]; rewrite mxE ?eqxx //.
by case: eqP ij => // ->; rewrite ltnn.
Qed.

Lemma lu_rank n (P C H U : 'M[F]_n) : P \in unitmx -> unit_lower H ->
  P *m C = H *m U *m P -> \rank C = \rank U.
Proof.
move=> uP /unit_lower_unit uH e; rewrite -(rank_unit_l C uP) e rank_unit_r //.
exact: rank_unit_l.
Qed.

Lemma block_pivots n (g : nat -> F) y (U1 : 'M[F]_n) r m :
  let U : 'M[F]_(1 + n) := block_mx (g 0%N)%:M y 0 U1 in
  (forall j : 'I_n, (j < m)%N -> (j < r)%N -> U1 j j = g j.+1) ->
  (forall i j : 'I_n, (r <= i)%N -> U1 i j = 0) ->
  (forall j : 'I_(1 + n), (j < m.+1)%N -> (j < r.+1)%N -> U j j = g j) /\
  (forall i j : 'I_(1 + n), (r.+1 <= i)%N -> U i j = 0).
Proof.
move=> U p z; split=> [j|i j].
  case: (split_ordP j) => k ->; rewrite /U ?block_mxEul ?block_mxEdr.
    by rewrite ord1 mxE eqxx mulr1n.
  by rewrite /= add1n !ltnS; apply: p.
case: (split_ordP i) => k ->; first by rewrite /= ord1 ltn0.
rewrite /= add1n ltnS => r_le; rewrite /U.
case: (split_ordP j) => l ->; rewrite ?block_mxEdl ?block_mxEdr; first by rewrite mxE.
exact: z.
Qed.

(* LU factors with prescribed pivots: as many as the rank, but not the last of n + 1. *)
Lemma lu_pivots n (C : 'M[F]_n.+1) (g : nat -> F) : (forall j, g j != 0) ->
  ((0 < n)%N -> ~~ is_scalar_mx C \/ C = 0) ->
  exists P H U : 'M[F]_n.+1,
    [/\ P \in unitmx, unit_lower H, upper_triangular U & P *m C = H *m U *m P] /\
    (forall j : 'I_n.+1, (j < n)%N -> (j < \rank C)%N -> U j j = g j) /\
    (forall i j : 'I_n.+1, (\rank C <= i)%N -> U i j = 0).
Proof.
move=> g0; elim: n => [|n IH] in C g g0 * => nC.
  exists 1, 1, C; split; first (split; rewrite ?unitmx1 ?mul1mx ?mulmx1 //).
  - exact: unit_lower1.
  - by move=> i j; rewrite !ord1.
  split=> // i j; rewrite leqNgt => r; apply/eqP; apply: contraNeq r => c0.
  by rewrite ord1 lt0n mxrank_eq0; apply: contra c0 => /eqP ->; rewrite mxE eqxx.
have {nC} [nC|->] := nC isT; last first.
  exists 1, 1, 0; split; first (split; rewrite ?unitmx1 ?mulmx0 ?mul0mx //).
  - exact: unit_lower1.
  - by move=> i j _; rewrite mxE.
  by split=> [j _|i j _]; rewrite ?mxrank0 // mxE.
have [P [y [x [S [sP nS]]]]] := @schur_stage n C (g 0%N) nC (g0 _).
have [Q [H1 [U1 [[uQ uH1 uU1 eQ] [p1 z1]]]]] := IH _ (fun j => g j.+1) (fun j => g0 _) nS.
have [P' [H [uP' uH uU eP']]] := assemble (g0 0%N) sP uQ uH1 uU1 eQ.
set U := block_mx _ _ _ _ in uU eP'; exists P', H, U; split=> //.
have rC : \rank C = (\rank (schur (g 0%N) y x S)).+1.
  rewrite (lu_rank uP' uH eP') (lu_rank uQ uH1 eQ).
  have -> : U = block_mx 1%:M 0 0 U1 *m block_mx (g 0%N)%:M (y *m invmx Q) 0 1%:M.
    by rewrite mulmx_block !mul1mx !mulmx1 !mul0mx !mulmx0 !addr0 !add0r.
  rewrite rank_unit_r; first by rewrite rank_diag_block_mx mxrank1.
  by rewrite unitmxE det_ublock det1 mulr1 det_scalar1 unitfE.
by rewrite rC; apply: block_pivots.
Qed.
End Stage.

Section Pivots.
Variables (R : realType) (d : nat).
Local Notation C := R[i].
Local Notation M := 'M[C]_d.+1.

Theorem Q4_triangular : Q4_triangular_statement R d.
Proof.
move=> P L H U C1 mu g uP uL uH uU dU e D T W LW UW.
have vL := unit_lower_unit uL; have vH := unit_lower_unit uH.
have uT : T \in unitmx by rewrite unitmx_mul uP.
have eW : W = T *m (diag_mx (\row_j mu j) *m (invmx H *m invmx P)) by rewrite /W !mulmxA.
have eL : LW = diag_mx (\row_j mu j) *m (invmx H *m L).
  by rewrite /LW eW mulKmx // /T -!mulmxA mulKmx.
have eU : UW = diag_mx (\row_j mu j) *m U.
  rewrite /UW eW -[T *m _ *m C1]mulmxA mulKmx // -!mulmxA; congr (_ *m _).
  by rewrite -[RHS](mulKmx vH) -e /T !mulmxA.
have [lHL dHL] := lower_mul (proj1 (unit_lower_inv uH)) (proj1 uL).
have [lL dL] := lower_mul (diag_lower (\row_j mu j)) lHL.
have [lU dU'] := upper_mul (diag_upper (\row_j mu j)) uU.
split; first by rewrite eL !mulmxA.
split=> //; rewrite ?eL ?eU // => j.
  by rewrite dL dHL (proj2 (unit_lower_inv uH)) (proj2 uL) !mulr1 !mxE eqxx mulr1n.
by rewrite dU' dU !mxE eqxx mulr1n.
Qed.

Lemma lu_conj n (P C1 H U : 'M[C]_n) : P \in unitmx -> P *m C1 = H *m U *m P ->
  invmx (invmx P) *m C1 *m invmx P = H *m U.
Proof. by move=> uP e; rewrite invmxK e mulmxK. Qed.

Theorem Q5_pivots : Q5_pivots_statement R d.
Proof.
move=> C1 g nC g0 dC.
have [|_|P [H [U [[uP uH uU e] [p _]]]]] := @lu_pivots _ d C1 (fun j => g (inord j)).
- by move=> j; apply: g0.
- by left.
have uC : C1 \in unitmx.
  by rewrite unitmxE dC unitfE; apply/prodf_neq0 => j _; apply: g0.
have rC : \rank C1 = d.+1 by rewrite mxrank_unit.
have pn (j : 'I_d.+1) : (j < d)%N -> U j j = g j.
  by move=> jn; rewrite p ?rC ?ltn_ord // inord_val.
have dU : \det U = \det C1.
  have : \det (P *m C1) = \det (H *m U *m P) by rewrite e.
  rewrite !det_mulmx [\det H]det_trig; last by apply/is_trig_mxP; case: uH.
  rewrite big1 ?mul1r => [|j _]; last by case: uH.
  by rewrite mulrC => /mulIf <- //; rewrite -unitfE -unitmxE.
exists (invmx P), H, U; split; rewrite ?unitmx_inv //; last exact: lu_conj.
move=> j; have [jn|nj] := ltnP j d; first exact: pn.
have jm : j = ord_max by apply/val_inj/eqP; rewrite /= eqn_leq nj -ltnS ltn_ord.
move: dU; rewrite dC -det_tr det_trig; last first.
  by apply/is_trig_mxP => i k ik; rewrite mxE uU.
rewrite big_ord_recr [in RHS]big_ord_recr /= -jm mxE.
rewrite (eq_bigr (fun i => g (widen_ord (leqnSn d) i))) => [|i _]; last by rewrite mxE pn /=.
by apply: mulfI; apply/prodf_neq0 => i _; apply: g0.
Qed.

Theorem Q5_pivots_singular : Q5_pivots_singular_statement R d.
Proof.
move=> C1 g sC g0.
have rC : (\rank C1 < d.+1)%N.
  by rewrite ltn_neqAle rank_leq_row andbT; move: sC; rewrite -row_free_unit.
have [|_|P [H [U [[uP uH uU e] [p z]]]]] := @lu_pivots _ d C1 (fun j => g (inord j)).
- by move=> j; apply: g0.
- have [/is_scalar_mxP[a ea]|] := boolP (is_scalar_mx C1); last by left.
  right; move: sC; rewrite ea unitmxE det_scalar unitfE expf_eq0 /=.
  by rewrite negbK => /eqP ->; rewrite raddf0.
exists (invmx P), H, U; split; rewrite ?unitmx_inv //; last exact: lu_conj.
split=> // j jr; rewrite p ?inord_val //.
by rewrite -ltnS (leq_ltn_trans jr).
Qed.
End Pivots.
