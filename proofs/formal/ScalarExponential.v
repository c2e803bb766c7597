(******************************************************************************)
(* The exponential of a scalar matrix is exp(c I) = e^c I (`exp_scalar`): for *)
(* c real and for c imaginary compare with the series of the real exponential, *)
(* cosine and sine, then add.  Consequences: exp(0) = I, exp(B) is invertible *)
(* with inverse exp(-B), and every complex number other than 0 is an e^w      *)
(* (`cexp_surj`).                                                             *)
(******************************************************************************)
From mathcomp Require Import all_ssreflect all_algebra complex.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp Require Import reals signed topology normedtype sequences exp trigo.
From DeepExpExact Require Import Statements MatrixExponential.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Def Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope complex_scope.

Section ScalarExponential.
Variables (R : realType) (d : nat).
Local Notation C := R[i].
Local Notation M := 'M[C]_d.+1.
Local Notation Re := (@complex.Re R).
Local Notation Im := (@complex.Im R).

(* the terms of the exponential series of a complex number *)
Definition cterm (c : C) n : C := (n`!%:R)^-1 * c ^+ n.

Lemma exp_term_scalar (c : C) n : exp_term (c%:M : M) n = (cterm c n)%:M.
Proof. by rewrite /exp_term -rmorphX /= scale_scalar_mx. Qed.

Lemma nrm_scalar (w : C) : nrm (w%:M : M) <= cn w * nrm (1 : M).
Proof.
rewrite /nrm mulr_sumr; apply: ler_sum => i _; rewrite mulr_sumr; apply: ler_sum => j _.
by rewrite !mxE -[w *+ _]mulr_natr cnM.
Qed.

Lemma exp_scalar_of (c z : C) :
  (fun n => cn (\sum_(k < n) cterm c k - z)) --> (0 : R) -> expM (c%:M : M) = z%:M.
Proof.
move=> h; apply: (mcvg_unique (exp_sum_cvg _)).
apply: (@squeeze0 _ _ (fun n => cn (\sum_(k < n) cterm c k - z) * nrm (1 : M))).
  move=> n; rewrite nrm_ge0 /=.
  rewrite (_ : exp_sum _ _ - _ = (\sum_(k < n) cterm c k - z)%:M) ?nrm_scalar //.
  rewrite raddfB raddf_sum /=; congr (_ - _).
  by apply: eq_bigr => k _; rewrite exp_term_scalar.
by rewrite -(mul0r (nrm (1 : M))); apply: cvgMl.
Qed.

Lemma expM_real (x : R) : expM ((x%:C)%:M : M) = ((expR x)%:C)%:M.
Proof.
apply: exp_scalar_of.
rewrite (_ : (fun _ => _) = (fun n => `|series (exp_coeff x) n - expR x|)).
  by apply: cvg_dist; apply: is_cvg_series_exp_coeff.
apply/funext => n; rewrite (_ : \sum_(k < n) _ = (series (exp_coeff x) n)%:C).
  by rewrite -raddfB /cn /= normr0 addr0.
rewrite /series /= big_mkord raddf_sum; apply: eq_bigr => k _.
by rewrite /cterm /exp_coeff /= factC -rmorphX -rmorphM mulrC.
Qed.

Lemma ipow (y : R) n : (@Complex R 0 y) ^+ n =
  @Complex R ((~~ odd n)%:R * (-1) ^+ n./2 * y ^+ n) ((odd n)%:R * (-1) ^+ n.-1./2 * y ^+ n).
Proof.
elim: n => [|n IH]; first by rewrite !expr0 /= !mulr1.
rewrite exprS IH; apply/eqP; rewrite eq_complex /= !mul0r sub0r add0r negbK uphalf_half.
case: (odd n) (odd_double_half n) => /=;
  rewrite ?mul0r ?mulr0 ?oppr0 ?mul1r ?addr0 ?add0r !eqxx ?andbT //=.
  move=> e; have -> : (n.-1)./2 = n./2 by rewrite -{1}e add1n /= doubleK.
  by rewrite add1n [(-1) ^+ _.+1]exprS mulN1r mulNr mulrCA -exprS eqxx.
by move=> e; rewrite mulrCA -exprS eqxx.
Qed.

Lemma expM_imag (y : R) : expM ((@Complex R 0 y)%:M : M) = (@Complex R (cos y) (sin y))%:M.
Proof.
apply: exp_scalar_of.
pose u n := `|series (cos_coeff y) n - cos y|.
pose v n := `|series (sin_coeff y) n - sin y|.
rewrite -[X in _ --> X](addr0 (0 : R)) (_ : (fun _ => _) = u + v).
  apply: cvgD; apply: cvg_dist; [exact: is_cvg_series_cos_coeff | exact: is_cvg_series_sin_coeff].
apply/funext => n; rewrite -[RHS]/(u n + v n) /u /v.
have h k : cterm (@Complex R 0 y) k = @Complex R (cos_coeff y k) (sin_coeff y k).
  rewrite /cterm ipow factC cos_coeffE sin_coeffE; apply/eqP; rewrite eq_complex /=.
  rewrite !mul0r subr0 addr0 ![_^-1 * _]mulrC; apply/andP; split; apply/eqP;
  by rewrite -!mulrA; congr (_ * (_ * _)); rewrite mulrC.
have eR : Re (\sum_(k < n) cterm (@Complex R 0 y) k) = series (cos_coeff y) n.
  by rewrite raddf_sum /series /= big_mkord; apply: eq_bigr => k _; rewrite h.
have eI : Im (\sum_(k < n) cterm (@Complex R 0 y) k) = series (sin_coeff y) n.
  by rewrite raddf_sum /series /= big_mkord; apply: eq_bigr => k _; rewrite h.
by rewrite /cn -eR -eI !raddfB.
Qed.

Theorem exp_scalar : exp_scalar_statement R d.
Proof.
move=> [x y]; have -> : @Complex R x y = x%:C + @Complex R 0 y.
  by apply/eqP; rewrite eq_complex /= addr0 add0r !eqxx.
rewrite raddfD exp_add; last by rewrite -!scalar_mxM mulrC.
rewrite expM_real expM_imag -scalar_mxM; congr (_%:M).
by apply/eqP; rewrite eq_complex /= !mul0r subr0 !addr0 add0r !eqxx.
Qed.
Lemma cexp0 : cexp 0 = 1 :> C.
Proof. by rewrite /cexp /= expR0 cos0 sin0 !mulr1 mulr0. Qed.

(* exp(0) = I, and exp(-B) is the inverse of exp(B) *)
Lemma exp0 : expM 0 = 1 :> M.
Proof.
have -> : (0 : M) = (0 : C)%:M by rewrite raddf0.
by rewrite exp_scalar cexp0.
Qed.

Lemma expNK (B : M) : expM (- B) *m expM B = 1.
Proof.
by rewrite -exp_add ?addNr ?exp0 // mulNmx mulmxN.
Qed.

Lemma exp_unit (B : M) : expM B \in unitmx.
Proof. by have [] := mulmx1_unit (expNK B). Qed.
End ScalarExponential.

(* A non-zero complex number r (cos t + i sin t) is e^(log r + i t). *)
Lemma cexp_surj (R : realType) (z : R[i]) : z != 0 -> exists w, cexp w = z.
Proof.
case: z => a b; rewrite eq_complex /= negb_and => nz.
have r2 : 0 < a ^+ 2 + b ^+ 2.
  rewrite lt_neqAle addr_ge0 ?sqr_ge0 // andbT eq_sym paddr_eq0 ?sqr_ge0 //.
  by rewrite !sqrf_eq0 negb_and.
pose r := Num.sqrt (a ^+ 2 + b ^+ 2).
have r0 : 0 < r by rewrite sqrtr_gt0.
have rE : r ^+ 2 = a ^+ 2 + b ^+ 2 by rewrite sqr_sqrtr // ltW.
have [l el] := expR_total r0.
have xy : (a / r) ^+ 2 + (b / r) ^+ 2 = 1.
  by rewrite !expr_div_n -mulrDl -rE divff // expf_neq0 // gt_eqF.
have x1 : -1 <= a / r <= 1.
  rewrite -ler_norml -(@expr_le1 _ 2) // real_normK ?num_real //.
  by rewrite -xy ler_addl sqr_ge0.
have [_ ct] := acos_def x1.
have st : sin (acos (a / r)) ^+ 2 = (b / r) ^+ 2.
  by rewrite sin2cos2 ct -xy addrAC subrr add0r.
move/eqP: st; rewrite eqf_sqr => /orP[] /eqP st.
  exists (@Complex R l (acos (a / r))); rewrite /cexp /= el ct st.
  by rewrite ![r * _]mulrC !divfK // gt_eqF.
exists (@Complex R l (- acos (a / r))); rewrite /cexp /= el cosN sinN ct st opprK.
by rewrite ![r * _]mulrC !divfK // gt_eqF.
Qed.
