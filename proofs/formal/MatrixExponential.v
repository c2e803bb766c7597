(******************************************************************************)
(* The matrix exponential: the series converges (`exp_converges`), and        *)
(* exp(A + B) = exp(A) exp(B) for commuting A and B (`exp_add`).              *)
(*                                                                            *)
(* All limits are taken in the reals, through the norm nrm A = sum of         *)
(* |Re a| + |Im a| over the entries of A, which is submultiplicative.  The    *)
(* difference exp_sum A n * exp_sum B n - exp_sum (A + B) n is bounded, term by *)
(* term, by the same difference for the real numbers nrm A and nrm B, which   *)
(* tends to 0 because the real exponential is additive.                       *)
(******************************************************************************)
From mathcomp Require Import all_ssreflect all_algebra complex.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp Require Import reals signed topology normedtype sequences exp trigo.
From mathcomp Require Import ring.
From DeepExpExact Require Import Statements ExponentialSeries.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Def Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope complex_scope.

Section MatrixExponential.
Variables (R : realType) (d : nat).
Local Notation C := R[i].
Local Notation M := 'M[C]_d.+1.
Local Notation Re := (@complex.Re R).
Local Notation Im := (@complex.Im R).
Implicit Types A B : M.

(* real-valued submultiplicative l1 norm *)
Definition cn (z : C) : R := `|Re z| + `|Im z|.
Definition nrm A : R := \sum_i \sum_j cn (A i j).

Lemma cn_ge0 z : 0 <= cn z. Proof. by rewrite addr_ge0. Qed.
Lemma cn0 : cn 0 = 0. Proof. by rewrite /cn !normr0 addr0. Qed.
Lemma cn_eq0 z : cn z = 0 -> z = 0.
Proof.
case: z => a b /eqP; rewrite /cn paddr_eq0 //= !normr_eq0.
by case/andP => /eqP -> /eqP ->.
Qed.
Lemma cnN z : cn (- z) = cn z.
Proof. by case: z => a b; rewrite /cn /= !normrN. Qed.
Lemma cnD z w : cn (z + w) <= cn z + cn w.
Proof.
case: z w => [a b] [a' b']; rewrite /cn /= addrACA.
by rewrite ler_add // ler_norm_add.
Qed.
Lemma cnM z w : cn (z * w) <= cn z * cn w.
Proof.
case: z w => [a b] [a' b']; rewrite /cn /=.
have h1 := ler_norm_sub (a * a') (b * b').
have h2 := ler_norm_add (a * b') (b * a').
apply: le_trans (ler_add h1 h2) _; rewrite !normrM le_eqVlt.
by rewrite addrACA mulrDl !mulrDr [in X in _ + X]addrC eqxx.
Qed.
Lemma cn_sum I (r : seq I) P (F : I -> C) :
  cn (\sum_(i <- r | P i) F i) <= \sum_(i <- r | P i) cn (F i).
Proof.
elim/big_rec2: _ => [|i x y _ h]; first by rewrite cn0.
by apply: le_trans (cnD _ _) _; rewrite ler_add2l.
Qed.
Lemma cnZ (x : R) z : cn (x%:C * z) = `|x| * cn z.
Proof. by case: z => a b; rewrite /cn /= !mul0r subr0 addr0 !normrM mulrDr. Qed.

Lemma nrm_ge0 A : 0 <= nrm A.
Proof. by do 2!apply: sumr_ge0 => ? _; apply: cn_ge0. Qed.
Lemma nrm_ent A i j : cn (A i j) <= nrm A.
Proof.
rewrite /nrm (bigD1 i) //= (bigD1 j) //= -addrA ler_addl addr_ge0 //.
  by apply: sumr_ge0 => ? _; apply: cn_ge0.
by do 2!apply: sumr_ge0 => ? _; apply: cn_ge0.
Qed.
Lemma nrm_eq0 A : nrm A = 0 -> A = 0.
Proof.
move=> A0; apply/matrixP => i j; rewrite mxE; apply: cn_eq0; apply/eqP.
by rewrite eq_le cn_ge0 andbT -A0 nrm_ent.
Qed.
Lemma nrm0 : nrm 0 = 0.
Proof. by rewrite /nrm big1 // => i _; rewrite big1 // => j _; rewrite mxE cn0. Qed.
Lemma nrmN A : nrm (- A) = nrm A.
Proof. by do 2!apply: eq_bigr => ? _; rewrite mxE cnN. Qed.
Lemma nrmD A B : nrm (A + B) <= nrm A + nrm B.
Proof.
rewrite /nrm -big_split; apply: ler_sum => i _.
by rewrite -big_split; apply: ler_sum => j _; rewrite mxE cnD.
Qed.
Lemma nrmZ (x : R) A : nrm (x%:C *: A) = `|x| * nrm A.
Proof.
rewrite /nrm mulr_sumr; apply: eq_bigr => i _; rewrite mulr_sumr.
by apply: eq_bigr => j _; rewrite mxE cnZ.
Qed.
Lemma nrm_sum I (r : seq I) P (F : I -> M) :
  nrm (\sum_(i <- r | P i) F i) <= \sum_(i <- r | P i) nrm (F i).
Proof.
elim/big_rec2: _ => [|i x y _ h]; first by rewrite nrm0.
by apply: le_trans (nrmD _ _) _; rewrite ler_add2l.
Qed.
Lemma nrmM A B : nrm (A * B) <= nrm A * nrm B.
Proof.
have h i j : cn ((A * B) i j) <= \sum_k cn (A i k) * cn (B k j).
  rewrite mxE; apply: le_trans (cn_sum _ _ _) _.
  by apply: ler_sum => k _; apply: cnM.
rewrite /nrm mulr_suml; apply: ler_sum => i _.
apply: le_trans (ler_sum _ (fun j _ => h i j)) _.
rewrite exchange_big mulr_suml /=; apply: ler_sum => k _.
rewrite -mulr_sumr ler_wpmul2l ?cn_ge0 //.
rewrite [leRHS](bigD1 k) //= ler_addl.
by do 2!apply: sumr_ge0 => ? _; apply: cn_ge0.
Qed.
Lemma nrmX A B n : nrm (B * A ^+ n) <= nrm B * nrm A ^+ n.
Proof.
elim: n => [|n IH]; first by rewrite !expr0 !mulr1.
rewrite !exprSr !mulrA; apply: le_trans (nrmM _ _) _.
by rewrite ler_wpmul2r ?nrm_ge0.
Qed.

Lemma factC n : (n`!%:R : C)^-1 = ((n`!%:R : R)^-1)%:C.
Proof. by rewrite fmorphV rmorph_nat. Qed.
Lemma nrm_exp_term A n : nrm (exp_term A n) <= nrm 1 * exp_coeff (nrm A) n.
Proof.
rewrite /exp_term factC nrmZ ger0_norm ?invr_ge0 ?ler0n // /exp_coeff /= mulrA mulrC.
by rewrite ler_wpmul2r ?invr_ge0 ?ler0n // -[A ^+ n]mul1r nrmX.
Qed.

(* The series converges in each entry: it is dominated by the one of nrm A. *)
Lemma cvg_entry A (g : C -> R) i j : (forall z, `|g z| <= cn z) ->
  cvg (series (fun n => g (exp_term A n i j))).
Proof.
move=> gle; apply: normed_cvg; rewrite /normed_series_of.
apply: (@series_le_cvg _ _ (nrm 1 *: exp_coeff (nrm A))).
- by move=> n; apply: normr_ge0.
- by move=> n; rewrite mulr_ge0 ?nrm_ge0 ?exp_coeff_ge0 ?nrm_ge0.
- move=> n; apply: le_trans (gle _) _; apply: le_trans (nrm_ent _ _ _) _.
  exact: nrm_exp_term.
- by apply: is_cvg_seriesZ; apply: is_cvg_series_exp_coeff.
Qed.

Theorem exp_converges : exp_converges_statement R d.
Proof.
move=> A i j.
have eR : (fun n => Re (exp_sum A n i j)) = series (fun n => Re (exp_term A n i j)).
  by apply/funext => n; rewrite /exp_sum summxE raddf_sum /series /= big_mkord.
have eI : (fun n => Im (exp_sum A n i j)) = series (fun n => Im (exp_term A n i j)).
  by apply/funext => n; rewrite /exp_sum summxE raddf_sum /series /= big_mkord.
rewrite !mxE /= eR eI; split; apply: cvg_entry => z.
  by rewrite /cn ler_addl.
by rewrite /cn ler_addr.
Qed.

(* convergence in the norm *)
Definition mcvg (u : nat -> M) A := (fun n => nrm (u n - A)) --> (0 : R).

Lemma cvg_bigsum (I : Type) (r : seq I) (u : I -> nat -> R) (l : I -> R) :
  (forall i, u i --> l i) -> (fun n => \sum_(i <- r) u i n) --> \sum_(i <- r) l i.
Proof.
move=> h; elim: r => [|i r IH].
  rewrite big_nil (_ : (fun _ => _) = cst 0); first exact: cvg_cst.
  by apply/funext => n; rewrite big_nil.
rewrite big_cons (_ : (fun _ => _) = u i + (fun n => \sum_(i <- r) u i n)).
  by apply: cvgD; [exact: h | exact: IH].
by apply/funext => n; rewrite big_cons.
Qed.

Lemma cvg_dist (u : nat -> R) (l : R) : u --> l -> (fun n => `|u n - l|) --> (0 : R).
Proof.
move=> h; rewrite -(normr0 [normedZmodType R of R]).
apply: (@cvg_norm _ _ _ _ _ (fun n => u n - l) 0).
by rewrite -(subrr l); apply: (@cvgB _ _ _ _ _ u (cst l)) => //; apply: cvg_cst.
Qed.

Lemma squeeze0 (u v : nat -> R) :
  (forall n, 0 <= u n <= v n) -> v --> (0 : R) -> u --> (0 : R).
Proof.
move=> h hv; apply: (@squeeze_cvgr _ _ _ _ (cst 0) _ v) => //; last exact: cvg_cst.
by apply: nearW.
Qed.

Lemma exp_sum_cvg A : mcvg (exp_sum A) (expM A).
Proof.
rewrite /mcvg /nrm.
suff h : (fun n => \sum_i \sum_j cn ((exp_sum A n - expM A) i j)) -->
    \sum_(i < d.+1) \sum_(j < d.+1) (0 : R).
  suff e : \sum_(i < d.+1) \sum_(j < d.+1) (0 : R) = 0 by rewrite e in h.
  by rewrite big1 // => i _; rewrite big1.
apply: cvg_bigsum => i; apply: cvg_bigsum => j.
have [hR hI] := exp_converges A i j.
rewrite -[X in _ --> X](addr0 (0 : R)).
pose u n := `|Re (exp_sum A n i j) - Re (expM A i j)|.
pose v n := `|Im (exp_sum A n i j) - Im (expM A i j)|.
rewrite (_ : (fun _ => _) = u + v); last first.
  apply/funext => n; rewrite -[RHS]/(u n + v n) /u /v /cn [X in Re X]mxE [X in Im X]mxE.
  by rewrite [X in Re (_ + X)]mxE [X in Im (_ + X)]mxE !raddfB.
by apply: cvgD; [apply: (cvg_dist hR) | apply: (cvg_dist hI)].
Qed.

Lemma mcvg_unique u A B : mcvg u A -> mcvg u B -> A = B.
Proof.
move=> hA hB; apply/eqP; rewrite -subr_eq0; apply/eqP/nrm_eq0.
apply: (@cvg_unique _ (@Rhausdorff R) ((fun _ : nat => nrm (A - B)) @ \oo)).
  exact: cvg_cst.
apply: (@squeeze0 _ (fun n => nrm (u n - B) + nrm (u n - A))); last first.
  by rewrite -[X in _ --> X](addr0 (0 : R)); apply: cvgD.
move=> n; rewrite nrm_ge0 /= -[nrm (u n - A)]nrmN opprB.
have -> : A - B = (u n - B) + (A - u n) by rewrite [RHS]addrC addrA subrK.
exact: nrmD.
Qed.

Lemma mcvg_near0 u v A : mcvg u A -> (fun n => nrm (u n - v n)) --> (0 : R) -> mcvg v A.
Proof.
move=> hA h; apply: (@squeeze0 _ (fun n => nrm (u n - v n) + nrm (u n - A))); last first.
  by rewrite -[X in _ --> X](addr0 (0 : R)); apply: cvgD.
move=> n; rewrite nrm_ge0 /= -[nrm (u n - v n)]nrmN opprB.
have -> : v n - A = (v n - u n) + (u n - A) by rewrite addrA subrK.
exact: nrmD.
Qed.

Lemma mcvgM u v A B : mcvg u A -> mcvg v B -> mcvg (fun n => u n * v n) (A * B).
Proof.
move=> hA hB.
pose w n := nrm (u n - A) * nrm (v n - B) + (nrm (u n - A) * nrm B + nrm A * nrm (v n - B)).
apply: (@squeeze0 _ w).
  move=> n; rewrite nrm_ge0 /=.
  have -> : u n * v n - A * B =
    (u n - A) * (v n - B) + ((u n - A) * B + A * (v n - B)).
    set x := u n; set y := v n.
    by rewrite addrA -mulrDr subrK mulrBl mulrBr addrA subrK.
  apply: le_trans (nrmD _ _) _; apply: ler_add; first exact: nrmM.
  by apply: le_trans (nrmD _ _) _; apply: ler_add; exact: nrmM.
rewrite /w -[0 in X in _ --> X](addr0 0) -[X in _ --> X + _](mul0r 0).
rewrite -[X in _ --> _ + X](addr0 0) -[X in _ --> _ + (X + _)](mul0r (nrm B)).
rewrite -[X in _ --> _ + (_ + X)](mulr0 (nrm A)).
by apply: cvgD; [apply: cvgM | apply: cvgD; [apply: cvgMl | apply: cvgMr]].
Qed.

(* the Cauchy tail is dominated by the real one *)
Let fM n : M := ((n`!%:R : C)^-1)%:A.
Let fR n : R := (n`!%:R)^-1.
Lemma tail_le A B n : A * B = B * A ->
  nrm (exp_sum A n * exp_sum B n - exp_sum (A + B) n) <=
  nrm 1 * (series (exp_coeff (nrm A)) n * series (exp_coeff (nrm B)) n
          - series (exp_coeff (nrm A + nrm B)) n).
Proof.
move=> cAB.
have eM X m : term fM X m = exp_term X m by rewrite /term /fM mulr_algl.
have eR x m : term fR x m = exp_coeff x m by rewrite /term /fR mulrC.
have esM X : exp_sum X n = trunc fM X n by apply: eq_bigr => i _; rewrite eM.
have esR x : series (exp_coeff x) n = trunc fR x n.
  by rewrite /series /= big_mkord; apply: eq_bigr => i _; rewrite eR.
rewrite !esM !esR !trunc_mul //; first last.
- by move=> m X; rewrite /fM mulr_algl mulr_algr.
- move=> m; rewrite /fM mulr_algl -(scaler_nat m`! (1 : M)) scalerA mulVf ?scale1r //.
  by rewrite pnatr_eq0 -lt0n fact_gt0.
- by rewrite mulrC.
- by move=> m X; rewrite mulrC.
- by move=> m; rewrite /fR mulVf // pnatr_eq0 -lt0n fact_gt0.
rewrite mulr_sumr; apply: le_trans (nrm_sum _ _ _) _; apply: ler_sum => k _.
rewrite !coefM mulr_sumr; apply: le_trans (nrm_sum _ _ _) _; apply: ler_sum => i _.
rewrite !coef_poly; case: ifP => _; last by rewrite !mul0r nrm0 ?mulr0.
case: ifP => _; last by rewrite !mulr0 nrm0.
rewrite !eM !eR /exp_term -scalerAl -scalerAr !factC !nrmZ !ger0_norm ?invr_ge0 ?ler0n //.
set x := (_`!%:R)^-1; set y := (_`!%:R)^-1.
have -> : nrm 1 * (exp_coeff (nrm A) i * exp_coeff (nrm B) (k - i)%N) =
  x * (y * (nrm 1 * nrm A ^+ i * nrm B ^+ (k - i)%N)).
  by rewrite /exp_coeff /= -/x -/y; ring.
rewrite !ler_wpmul2l ?invr_ge0 ?ler0n //.
rewrite -[A ^+ i]mul1r; apply: le_trans (nrmX _ _ _) _.
by rewrite ler_wpmul2r ?exprn_ge0 ?nrm_ge0 // nrmX.
Qed.

Theorem exp_add : exp_add_statement R d.
Proof.
move=> A B cAB.
apply: (mcvg_unique (exp_sum_cvg (A + B))).
apply: (mcvg_near0 (mcvgM (exp_sum_cvg A) (exp_sum_cvg B))).
set a := nrm A; set b := nrm B.
pose s (x : R) := series (exp_coeff x).
apply: (@squeeze0 _ (fun n => nrm 1 * (s a n * s b n - s (a + b) n))).
  by move=> n; rewrite nrm_ge0 tail_le.
rewrite -(mulr0 (nrm 1)) -(subrr (expR a * expR b)).
apply: cvgMr; rewrite -[X in _ - X]expRD.
apply: (@cvgB _ _ _ _ _ (s a * s b) (s (a + b))).
  by apply: (@cvgM _ _ _ _ (s a) (s b)); exact: is_cvg_series_exp_coeff.
exact: is_cvg_series_exp_coeff.
Qed.
End MatrixExponential.
