(******************************************************************************)
(* Every regular pencil (Q8), and the decision.  A block that is not scalar   *)
(* has a first layer (`block_invertible`, `block_singular`).  If X1 or X2 is  *)
(* invertible the whole matrix is a block; otherwise the block is the range   *)
(* of high powers of A = (X1 + s D)^-1 X1 (`fitting`: the projector is a      *)
(* polynomial in A), on which X1 is invertible and which holds the kernels of *)
(* D and X2.                                                                  *)
(******************************************************************************)
From mathcomp Require Import all_ssreflect all_algebra complex.
From mathcomp.classical Require Import boolp.
From mathcomp Require Import reals ring.
From DeepExpExact Require Import Statements MatrixExponential ScalarExponential Construction.
From DeepExpExact Require Import Necessity AllLogarithms Intertwining Split Pivots Blocks.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope complex_scope.

Section Block.
Variables (R : realType).
Local Notation C := R[i].

Lemma exp_unconj n (T W : 'M[C]_n.+1) (e : C) : T \in unitmx ->
  expM (invmx T *m W *m T) = e%:M -> expM W = e%:M.
Proof.
move=> uT; rewrite -{2}[T]invmxK exp_conj ?unitmx_inv // invmxK => eW.
have := congr1 (fun A => T *m A *m invmx T) eW.
by rewrite /= -!mulmxA mulKVmx // mulmxV // mulmx1 mul_scalar_mx -scalemxAr mulmxV // scalemx1.
Qed.

Lemma natP_inj n (m : C) : injective (fun j : 'I_n => m + two_pi_i R * (Posz j)%:~R).
Proof.
by move=> i j /addrI /(mulfI (two_pi_i_neq0 R)) /intr_inj [] /val_inj.
Qed.

Lemma lu_weight n (P H U C1 : 'M[C]_n.+1) (m : C) :
  P \in unitmx -> unit_lower H -> upper_triangular U -> invmx P *m C1 *m P = H *m U ->
  exists W T : 'M[C]_n.+1, [/\ expM W = (cexp m)%:M, T \in unitmx &
    invmx T *m (W *m C1) *m T = diag_mx (\row_j (m + two_pi_i R * (Posz j)%:~R)) *m U].
Proof.
move=> uP uH uU e.
pose mu (j : 'I_n.+1) : C := m + two_pi_i R * (Posz j)%:~R.
have e' : invmx P *m C1 *m P *m 1%:M = H *m U by rewrite mulmx1.
have [[uT [_ eU]] [lL dL _ _]] :=
  Q4_triangular mu uP (@unit_lower1 _ _) uH uU (fun j => erefl (U j j)) e'.
set T := P *m 1%:M in uT eU lL dL; set W := T *m _ *m _ *m _ in eU lL dL.
exists W, T; split=> //; apply: (exp_unconj uT); apply: exp_lower => //.
  by move=> i j; rewrite !dL; apply: natP_inj.
by move=> j; rewrite dL /mu cexpD cexp_period mulr1.
Qed.

Lemma block_invertible n (C1 : 'M[C]_n.+1) (c : C) : cexp c != 1 ->
  ~~ is_scalar_mx C1 -> C1 \in unitmx -> exists W, expM (W *m C1) = cexp c *: expM W.
Proof.
case: n C1 => [|n] C1 c1 nC uC.
  by case/negP: nC; apply/is_scalar_mxP; exists (C1 0 0); apply: mx11_scalar.
have d0 : \det C1 != 0 by rewrite -unitfE -unitmxE.
have [[m em] /(_ m em)[nz eg]] := Q6_parameters (fun j : 'I_n.+2 => Posz j) c1 d0.
have g0 (j : 'I_n.+2) :
    (m + two_pi_i R * (Posz j)%:~R + c) / (m + two_pi_i R * (Posz j)%:~R) != 0.
  by have [mu0 tau0] := nz j; rewrite mulf_neq0 // invr_eq0.
have [P [H [U [uP uH uU dU e]]]] := Q5_pivots nC g0 (esym eg).
have [W [T [eW uT eU]]] := lu_weight m uP uH uU e; exists W.
have [lD dD] := upper_mul (diag_upper (\row_j (m + two_pi_i R * (Posz j)%:~R))) uU.
rewrite eW scale_scalar_mx -cexpD; apply: (exp_unconj uT); rewrite eU.
have eD (j : 'I_n.+2) : (diag_mx (\row_j (m + two_pi_i R * (Posz j)%:~R)) *m U) j j =
    c + m + two_pi_i R * (Posz j)%:~R.
  have [mu0 _] := nz j; rewrite dD dU !mxE eqxx mulr1n mulrC divfK //.
  by rewrite addrC addrA.
apply: (proj1 (@Q7_scalar_exponential R _)); first by right.
  by move=> i j; rewrite !eD; apply: natP_inj.
by move=> j; rewrite eD cexpD cexp_period mulr1.
Qed.

Lemma pid_rows r n (h : (r <= n)%N) (A : 'M[C]_n) i j :
  (pid_mx r *m A : 'M_(r, n)) i j = A (widen_ord h i) j.
Proof.
rewrite mxE (bigD1 (widen_ord h i)) //= big1 => [|k ki].
  by rewrite !mxE /= eqxx ltn_ord mul1r addr0.
by rewrite !mxE; case: eqP => [ik|_]; rewrite ?mul0r //; case/eqP: ki; apply/val_inj.
Qed.

Lemma block_singular n (C1 : 'M[C]_n.+1) (c : C) : cexp c != 1 -> C1 \notin unitmx ->
  exists W, expM (W *m C1) = cexp c *: expM W.
Proof.
move=> c1 sC; pose mu (j : 'I_n.+1) : C := - c + two_pi_i R * (Posz j)%:~R.
pose tau (j : 'I_n.+1) : C := two_pi_i R * (Posz j.+1)%:~R.
have mu0 j : mu j != 0.
  rewrite /mu addrC subr_eq0 eq_sym; have := period_not_one (Posz j) 0 c1.
  by rewrite mulr0 subr0.
have tau0 j : tau j != 0 by rewrite mulf_neq0 ?two_pi_i_neq0 // intr_eq0.
have g0 j : tau j / mu j != 0 by rewrite mulf_neq0 // invr_eq0.
have [P [H [U [uP uH uU [dU zU] e]]]] := Q5_pivots_singular sC g0.
have [W [T [eW uT eU]]] := lu_weight (- c) uP uH uU e; exists W.
rewrite eW scale_scalar_mx -cexpD subrr cexp0; apply: (exp_unconj uT); rewrite eU.
set V := diag_mx _ *m U.
have zV (i j : 'I_n.+1) : (\rank C1 <= i)%N -> V i j = 0.
  by move=> ri; rewrite /V mul_diag_mx mxE zU ?mulr0.
have dV (j : 'I_n.+1) : (j < \rank C1)%N -> V j j = tau j.
  by move=> jr; rewrite /V mul_diag_mx !mxE dU // mulrC divfK.
have uV : upper_triangular V.
  by move=> i j ij; rewrite /V mul_diag_mx mxE uU ?mulr0.
have rn := rank_leq_row C1.
move: (\rank C1) => [|r] in zV dV rn *.
  by rewrite (_ : V = 0) ?exp0 //; apply/matrixP => i j; rewrite zV ?mxE.
pose J : 'M[C]_(n.+1, r.+1) := pid_mx r.+1; pose G : 'M[C]_(r.+1, n.+1) := pid_mx r.+1 *m V.
have JG : J *m G = V.
  rewrite /J /G mulmxA mul_pid_mx !minnn; apply/matrixP => i j.
  rewrite mxE (bigD1 i) //= big1 => [|k ki].
    by rewrite mxE eqxx /= addr0; case: ltnP => ri; rewrite ?mul1r // mul0r zV.
  by rewrite mxE; case: eqP => [ik|_]; rewrite ?mul0r //; case/eqP: ki; apply/val_inj.
have eGJ i j : (G *m J) i j = V (widen_ord rn i) (widen_ord rn j).
  rewrite mxE (bigD1 (widen_ord rn j)) //= big1 => [|k kj].
    by rewrite [J _ _]mxE /= eqxx ltn_ord mulr1 addr0 (pid_rows rn).
  by rewrite [J _ _]mxE; case: eqP => [ik|_]; rewrite ?mulr0 //; case/eqP: kj; apply/val_inj.
have uGJ : upper_triangular (G *m J) by move=> i j ij; rewrite eGJ uV.
have dGJ j : (G *m J) j j = 0 + two_pi_i R * (Posz j.+1)%:~R.
  by rewrite eGJ dV ?add0r //= ltn_ord.
rewrite -JG; apply: exp_factors.
  rewrite unitmxE -det_tr det_trig; last by apply/is_trig_mxP => i j ij; rewrite mxE uGJ.
  rewrite unitfE; apply/prodf_neq0 => j _; rewrite mxE dGJ add0r mulf_neq0 ?two_pi_i_neq0 //.
  by rewrite intr_eq0.
apply: (proj1 (@Q7_scalar_exponential R _)); first by right.
  move=> i j; rewrite !dGJ => /addrI /(mulfI (two_pi_i_neq0 R)) /intr_inj [].
  by move/val_inj.
by move=> j; rewrite dGJ cexpD cexp_period cexp0 mulr1.
Qed.
End Block.

(* ---- Q8 ---- *)
Lemma bezout_alg (A : comRingType) (f gam u g v x : A) : f * gam = 1 - x -> u * g + v * x = 1 ->
  (f * (u * g) + v * x) * (gam * (u * g) + v * x) =
  1 + (g * x) * ((f + gam) * u * v - u ^+ 2 * g - u * v *+ 2).
Proof.
move=> e1 e2.
transitivity ((f * gam) * (u * g) ^+ 2 + (f + gam) * (u * g) * (v * x) + (v * x) ^+ 2).
  by ring.
rewrite e1; have e3 : 1 = (u * g + v * x) ^+ 2 by rewrite e2 expr1n.
by rewrite [in RHS]e3; ring.
Qed.

Section Q8.
Variables (R : realType) (d : nat).
Local Notation C := R[i].
Local Notation M := 'M[C]_d.+1.

Lemma factor_idempotent r n (B Y' : 'M[C]_(n, r)) (Y B' : 'M[C]_(r, n)) :
  B' *m B = 1%:M -> Y *m Y' = 1%:M -> B *m Y *m (B *m Y) = B *m Y -> Y *m B = 1%:M.
Proof.
move=> eB eY e; have := congr1 (fun P => B' *m P *m Y') e.
by rewrite !mulmxA eB mul1mx -!mulmxA eY mulmx1.
Qed.

Lemma idempotent_split (P : M) : P *m P = P -> P != 0 ->
  exists q (B : 'M[C]_(d.+1, q.+1)) (Y : 'M[C]_(q.+1, d.+1)), B *m Y = P /\ Y *m B = 1%:M.
Proof.
move=> PP P0.
have [r [B [Y [BY YB]]]] : exists r (B : 'M[C]_(d.+1, r)) (Y : 'M[C]_(r, d.+1)),
    B *m Y = P /\ Y *m B = 1%:M.
  have /row_fullP[B' eB] := col_base_full P; have /row_freeP[Y' eY] := row_base_free P.
  have eP := mulmx_base P; exists (\rank P), (col_base P), (row_base P); split=> //.
  by apply: factor_idempotent eB eY _; rewrite eP.
case: r B Y BY YB => [|q] B Y BY YB; last by exists q, B, Y.
by move: P0; rewrite -BY [B]thinmx0 mul0mx eqxx.
Qed.

Lemma singular_row n (A : 'M[C]_n) : A \notin unitmx -> exists2 w : 'rV_n, w != 0 & w *m A = 0.
Proof.
move=> sA; have : kermx A != 0 by rewrite kermx_eq0 row_free_unit.
by case/rowV0Pn=> w /sub_kermxP wA w0; exists w.
Qed.

(* The projector, a polynomial in A, on the range of high powers of A. *)
Section Fitting.
Variable A : M.
Local Notation h := (horner_mx A).
Lemma fitting : exists e w : {poly C}, exists N : nat,
  let P := horner_mx A e in
  [/\ P *m P = P, (1 - P) *m A ^+ N = 0, A *m horner_mx A w = P &
      forall (s : C), s != 0 -> s^-1 *: (1 - A) *m (1 - P) + P \in unitmx].
Proof.
have [k [g]] := multiplicity_XsubC (char_poly A) 0.
rewrite (monic_neq0 (char_poly_monic A)) subr0 /= => g0 eg.
have cop : coprimep g ('X ^+ k.+1) by rewrite coprimep_expr // -['X]subr0 coprimep_XsubC.
have [[u v] /= euv] := Bezout_eq1_coprimepP _ _ cop.
pose e := v * 'X ^+ k.+1; exists e, (v * 'X ^+ k), k.+1.
have hz p : h (g * 'X ^+ k.+1 * p) = 0.
  have -> : g * 'X ^+ k.+1 * p = char_poly A * ('X * p) by rewrite eg exprSr !mulrA.
  by rewrite rmorphM /= Cayley_Hamilton mul0r.
have e1 : 1 - e = u * g by rewrite /e -euv addrK.
have hX : h 'X = A by exact: horner_mx_X.
have h1 : h 1 = 1 by exact: rmorph1.
split.
- apply/eqP; rewrite -subr_eq0 -{3}[h e]mulr1 -h1 mulmxE -mulrBr -rmorphB -rmorphM /=.
  have -> : e * (e - 1) = g * 'X ^+ k.+1 * (- (u * v)).
    by rewrite -opprB e1 /e; move: ('X ^+ k.+1) => x; ring.
  by rewrite hz.
- rewrite -h1 -rmorphB /= e1 -[in A ^+ _]hX mulmxE -rmorphX -rmorphM /=.
  by rewrite -mulrA mulrC hz.
- rewrite -[A in A *m _]hX mulmxE -rmorphM /=; congr (horner_mx _ _).
  by rewrite /e exprS mulrCA.
move=> s s0; pose f : {poly C} := s^-1 *: (1 - 'X).
pose gam : {poly C} := s *: \sum_(i < k.+1) 'X^i.
have efg : f * gam = 1 - 'X ^+ k.+1.
  rewrite /f /gam -scalerAl -scalerAr scalerA mulVf // scale1r.
  by apply: oppr_inj; rewrite -mulNr !opprB -subrX1.
have ef : s^-1 *: (1 - A) *m (1 - h e) + h e = h (f * (u * g) + v * 'X^k.+1).
  have -> : s^-1 *: (1 - A) = h f by rewrite /f linearZ /= rmorphB /= hX h1.
  have -> : 1 - h e = h (u * g) by rewrite -e1 rmorphB /= h1.
  by rewrite mulmxE -rmorphM -rmorphD.
rewrite ef.
have : h (f * (u * g) + v * 'X^k.+1) *m h (gam * (u * g) + v * 'X^k.+1) = 1%:M.
  by rewrite mulmxE -rmorphM /= (bezout_alg efg euv) rmorphD /= hz addr0 h1.
by case/mulmx1_unit.
Qed.
End Fitting.

(* X1 invertible: the whole matrix is one block, with s = 0. *)
Lemma admissible_invertible (X1 X2 : M) : X1 != X2 -> X1 \in unitmx -> X2 - X1 \notin unitmx ->
  admissible X1 X2.
Proof.
move=> X12 u1 sD; pose B : 'M[C]_(d.+1, d.+1) := 1%:M.
have ref : reference X1 X2 0 = X1 by rewrite /reference scale0r addr0.
exists 0, d, B, B; rewrite /splits /block_A1 /block_A2 /complement ref.
rewrite /B !mulmx1 !mul1mx subrr mulmx0 add0r scale0r !subr0 invmx1 mul1mx scale1r.
split; [by split; rewrite ?unitmx1 | exact: unitmx1 |].
rewrite /pencil_matrix ref; set F := invmx X1 *m _.
have eF : X2 - X1 = X1 *m F by rewrite mulKVmx.
have sF : F \notin unitmx by apply: contra sD => uF; rewrite eF unitmx_mul u1.
apply/negP => /is_scalar_mxP[a ea].
have eFa : F = (a - 1)%:M by rewrite raddfB /= -ea addrC addKr.
have a1 : a - 1 = 0.
  apply/eqP; apply: contraNT sF => a1; rewrite eFa unitmxE det_scalar unitfE expf_neq0 //.
case/eqP: X12; apply/esym/eqP; rewrite -subr_eq0 eF eFa a1 raddf0 mulmx0; exact: eqxx.
Qed.

(* X1, X2 and D singular: the block on which X1 is invertible. *)
Lemma admissible_singular (X1 X2 : M) : regular_pencil X1 X2 ->
  X1 \notin unitmx -> X2 \notin unitmx -> X2 - X1 \notin unitmx -> admissible X1 X2.
Proof.
move=> [s u] s1 s2 sD; set Xs := reference X1 X2 s in u.
have s0 : s != 0.
  by apply: contraNneq s1 => s0; move: u; rewrite /Xs /reference s0 scale0r addr0.
have s11 : 1 - s != 0.
  rewrite subr_eq0 eq_sym; apply: contraNneq s2 => e1; move: u.
  by rewrite /Xs /reference e1 scale1r addrC subrK.
set F := pencil_matrix X1 X2 s; pose A := 1 - s *: F.
have [e1 e2] := Q0_reference u; rewrite -/F -/Xs in e1 e2.
have eF : F = s^-1 *: (1 - A) by rewrite /A opprB addrC subrK scalerA mulVf // scale1r.
have sF : F \notin unitmx.
  apply: contra sD => uF; have -> : X2 - X1 = Xs *m F by rewrite mulKVmx.
  by rewrite unitmx_mul u.
have sA2 : 1 + (1 - s) *: F \notin unitmx.
  by apply: contra s2 => uA; rewrite e2 unitmx_mul u.
have [e [w [N]]] := fitting A; set P := horner_mx A e => -[PP PN Aw unit].
have cA p : horner_mx A p *m A = A *m horner_mx A p.
  by have := @comm_horner_mx2 _ _ A p 'X; rewrite horner_mx_X.
have cPF : P *m F = F *m P.
  by rewrite eF -scalemxAr -scalemxAl mulmxBr mulmxBl mulmx1 mul1mx cA.
(* a left eigenvector of A for an eigenvalue other than 0 lies in the block *)
have eig (v : 'rV_d.+1) (l : C) : l != 0 -> v *m A = l *: v -> v *m P = v.
  move=> l0 ev; have evN n : v *m A ^+ n = l ^+ n *: v.
    elim: n => [|n IH]; first by rewrite !expr0 mulmx1 scale1r.
    by rewrite exprSr -mulmxE mulmxA IH -scalemxAl ev scalerA -exprSr.
  have : v *m A ^+ N *m (1 - P) = 0.
    have cN : A ^+ N *m (1 - P) = (1 - P) *m A ^+ N.
      rewrite mulmxBr mulmxBl mulmx1 mul1mx; congr (_ - _).
      by have := @comm_horner_mx2 _ _ A ('X ^+ N) e; rewrite rmorphX /= horner_mx_X.
    by rewrite -mulmxA cN PN mulmx0.
  rewrite evN -scalemxAl => /eqP; rewrite scaler_eq0 expf_eq0 (negbTE l0) andbF /=.
  by rewrite mulmxBr mulmx1 subr_eq0 => /eqP.
have [v1 v10 v1F] := singular_row sF; have [v2 v20 v2A] := singular_row sA2.
have v1P : v1 *m P = v1.
  apply: (eig _ 1); rewrite ?oner_eq0 //.
  by rewrite /A mulmxBr mulmx1 -scalemxAr v1F scaler0 subr0 scale1r.
have v2P : v2 *m P = v2.
  apply: (eig _ (1 - s)^-1); first by rewrite invr_eq0.
  have v2F : (1 - s) *: (v2 *m F) = - v2.
    by apply/eqP; rewrite -addr_eq0 addrC; have := v2A; rewrite mulmxDr mulmx1 -scalemxAr => ->.
  apply: (scalerI s11); rewrite scalerA divff // scale1r.
  rewrite /A mulmxBr mulmx1 -scalemxAr scalerBr scalerA mulrC -scalerA v2F.
  by rewrite scalerN opprK -scalerDl subrK scale1r.
have P0 : P != 0 by apply: contraNneq v10 => P0; rewrite -v1P P0 mulmx0.
have [q [B [Y [BY YB]]]] := idempotent_split PP P0.
have PB : P *m B = B by rewrite -BY -[B *m Y *m B]mulmxA YB mulmx1.
have YP : Y *m P = Y by rewrite -BY [Y *m _]mulmxA YB mul1mx.
have YFB : B *m (Y *m F *m B) = F *m B.
  by rewrite -[Y *m F *m B]mulmxA [LHS]mulmxA BY [LHS]mulmxA cPF -[LHS]mulmxA PB.
have BA1 : B *m block_A1 X1 X2 s B Y = A *m B.
  by rewrite /block_A1 -/F mulmxBr mulmx1 -scalemxAr YFB mulmxBl mul1mx -scalemxAl.
have BA2 : B *m block_A2 X1 X2 s B Y = (1 + (1 - s) *: F) *m B.
  by rewrite /block_A2 -/F mulmxDr mulmx1 -scalemxAr YFB mulmxDl mul1mx -scalemxAl.
have uA1 : block_A1 X1 X2 s B Y \in unitmx.
  suff : block_A1 X1 X2 s B Y *m (Y *m horner_mx A w *m B) = 1%:M by case/mulmx1_unit.
  have -> : block_A1 X1 X2 s B Y = Y *m (A *m B) by rewrite -BA1 mulmxA YB mul1mx.
  set W := horner_mx A w in Aw *; have cW : P *m W = W *m P by exact: comm_horner_mx2.
  have -> : Y *m (A *m B) *m (Y *m W *m B) = Y *m (A *m (B *m Y *m W *m B)) by rewrite !mulmxA.
  by rewrite BY cW -[W *m P *m B]mulmxA PB [A *m _]mulmxA Aw PB.
exists s, q, B, Y; split=> //.
  split=> //; rewrite ?BY // /complement BY -/F eF; exact: unit.
apply/negP => /is_scalar_mxP[a ea].
have nB (v : 'rV_d.+1) : v != 0 -> v *m P = v -> v *m B != 0.
  by move=> v0 vP; apply: contraNneq v0 => vB; rewrite -vP -BY mulmxA vB mul0mx.
have w1A1 : v1 *m B *m block_A1 X1 X2 s B Y = v1 *m B.
  by rewrite -mulmxA BA1 mulmxA /A mulmxBr mulmx1 -scalemxAr v1F scaler0 subr0.
have w1A2 : v1 *m B *m block_A2 X1 X2 s B Y = v1 *m B.
  by rewrite -mulmxA BA2 mulmxA mulmxDr mulmx1 -scalemxAr v1F scaler0 addr0.
have w2A2 : v2 *m B *m block_A2 X1 X2 s B Y = 0 by rewrite -mulmxA BA2 mulmxA v2A mul0mx.
have eA2 : block_A2 X1 X2 s B Y = a *: block_A1 X1 X2 s B Y.
  by rewrite -mul_mx_scalar -ea mulKVmx.
have a1 : a = 1.
  move: w1A2; rewrite eA2 -scalemxAr w1A1 => /eqP.
  rewrite -{2}[v1 *m B]scale1r -subr_eq0 -scalerBl scaler_eq0 (negbTE (nB _ v10 v1P)) orbF.
  by rewrite subr_eq0 => /eqP.
have := nB _ v20 v2P; apply/negP; rewrite negbK; apply/eqP.
by rewrite -[v2 *m B](mulmxK uA1) -[block_A1 _ _ _ _ _ in X in X *m _]scale1r -a1 -eA2 w2A2 mul0mx.
Qed.

Lemma reference_swap (X1 X2 : M) s : reference X2 X1 (1 - s) = reference X1 X2 s.
Proof.
rewrite /reference scalerBl scale1r addrA [X2 + _]addrC subrK.
by rewrite -scalerN opprB.
Qed.

Lemma regular_swap (X1 X2 : M) : regular_pencil X1 X2 -> regular_pencil X2 X1.
Proof. by case=> s us; exists (1 - s); rewrite reference_swap. Qed.

Lemma difference_swap (X1 X2 : M) : (X1 - X2 \in unitmx) = (X2 - X1 \in unitmx).
Proof. by rewrite -opprB -scaleN1r unitmxZ ?unitrN1. Qed.

Theorem Q8_completeness : Q8_completeness_statement R d.
Proof.
move=> X1 X2 X12 reg sD; have [u1|s1] := boolP (X1 \in unitmx).
  by left; apply: admissible_invertible.
have [u2|s2] := boolP (X2 \in unitmx); last by left; apply: admissible_singular.
by right; apply: admissible_invertible; rewrite // 1?eq_sym // difference_swap.
Qed.

Lemma admissible_layer (X1 X2 : M) (c : C) : admissible X1 X2 -> cexp c != 1 ->
  exists W1 : M, expM (W1 *m X2) = cexp c *: expM (W1 *m X1).
Proof.
case=> s [q [B [Y [sp u1]]]]; set C1 := invmx _ *m _ => nC c1.
have [T eT] : exists T, expM (T *m C1) = cexp c *: expM T.
  have [uC|sC] := boolP (C1 \in unitmx); first exact: block_invertible.
  exact: block_singular.
have [e1 e2] := proj2 (@Q7_scalar_exponential R _) T _ (block_A2 X1 X2 s B Y) u1.
exists (split_weight X1 X2 s B Y c (T *m invmx (block_A1 X1 X2 s B Y))).
have e3 : expM (T *m invmx (block_A1 X1 X2 s B Y) *m block_A2 X1 X2 s B Y) =
    cexp c *: expM (T *m invmx (block_A1 X1 X2 s B Y) *m block_A1 X1 X2 s B Y).
  by rewrite e1 e2.
exact: (Q3_first_layer sp e3).
Qed.

Theorem first_layer_exists : first_layer_exists_statement R d.
Proof.
move=> X1 X2 c X12 reg c1; have [uD|sD] := boolP (X2 - X1 \in unitmx).
  by exists (c *: invmx (X2 - X1)); apply: P2_first_layer; apply: P1_shift.
have [a|a] := Q8_completeness X12 reg sD; first exact: admissible_layer.
have cV : cexp c * cexp (- c) = 1 by rewrite -cexpD subrr cexp0.
have cN1 : cexp (- c) != 1.
  by apply: contraNneq c1 => cN; rewrite -cV cN mulr1.
have [W eW] := admissible_layer a cN1.
by exists W; rewrite eW scalerA cV scale1r.
Qed.

Lemma solvable_layer (X1 X2 Y1 Y2 W1 : M) (c : C) : cexp c != 1 ->
  expM (W1 *m X2) = cexp c *: expM (W1 *m X1) -> same_column_space Y1 Y2 ->
  solvable X1 X2 Y1 Y2.
Proof.
move=> c1 eW /right_factor[G uG ->].
have u1 : (1 : M) \in unitmx by exact: unitmx1.
have [_ [L eL]] := P4_logarithm u1 uG.
have [uA _] := P3_inverse (W1 *m X1).
have [f1 f2] := P5_second_layer L uA eW c1; have [_ eK] := P6_telescope eL c1.
have [g1 g2] := P7_outputs u1 eK.
set Z := (cexp c - 1)^-1 *: L in f1 f2 g1 g2.
exists W1, (Z *m invmx (expM (W1 *m X1))), (Y1 *m (1 *m expM (- Z))).
split; rewrite /network; first by rewrite f1 -[LHS]mulmxA g1 mulmx1.
by rewrite f2 -[LHS]mulmxA g2.
Qed.

Theorem solvable_iff_regular : solvable_iff_regular_statement R d.
Proof.
move=> X1 X2 Y1 Y2 X12 reg; split=> [|same]; first exact: N1_same_column_space.
have [c ec] : exists c : C, cexp c = 2%:R by apply: cexp_surj; rewrite pnatr_eq0.
have c1 : cexp c != 1 by rewrite ec (eqr_nat _ 2 1).
have [W1 eW] := first_layer_exists X12 reg c1.
exact: solvable_layer c1 eW same.
Qed.

Theorem decision : decision_statement R d.
Proof.
move=> X1 X2 Y1 Y2 h constant solution none; split.
- have [e|ne] := pselect constant; [by left | right].
  have [same|nsame] := pselect (same_column_space Y1 Y2); last by right; right.
  by have [eX|nX] := pselect (X1 = X2); [right; left | left].
- split=> [[e [_ ne _]]|]; first exact: ne.
  split=> [[e [[_ ne]|ns]]|[[nX nY same] [[eX _]|ns]]].
  + exact: ne.
  + by apply: ns; rewrite e.
  + exact: nX.
  + exact: ns.
- by rewrite /constant => <-; split; rewrite /network mul0mx exp0 mulmx1.
- case=> /eqP nX _ same; case: h => [eX|reg]; first by rewrite eX eqxx in nX.
  exact/(solvable_iff_regular _ _ nX reg).
- case=> [[eX nY] /(N2_equal_inputs eX)//|ns /N1_same_column_space]; exact: ns.
Qed.
End Q8.
