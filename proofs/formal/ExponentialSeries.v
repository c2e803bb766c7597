(******************************************************************************)
(* Truncated exponential series in any ring in which every n! has a central   *)
(* inverse coef n.  For commuting x and y the product of the truncated series *)
(* of x and y, minus that of x + y, is a sum of terms of degree n to 2n - 1   *)
(* (`trunc_mul`): multiply polynomials instead of summing a Cauchy product.   *)
(******************************************************************************)
From mathcomp Require Import all_ssreflect all_algebra.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Section TruncatedSeries.
Variables (T : ringType) (coef : nat -> T).
Hypothesis coefP : forall n, coef n * (n`!)%:R = 1.
Hypothesis coef_comm : forall n x, coef n * x = x * coef n.

(* the terms of the series of x, as a polynomial, and their sum *)
Definition term (x : T) n := coef n * x ^+ n.
Definition term_poly (x : T) n : {poly T} := \poly_(i < n) term x i.
Definition trunc (x : T) n := \sum_(i < n) term x i.

Lemma mulrn_fact_inj n : injective (fun x : T => x *+ n`!).
Proof.
apply: (can_inj (g := fun x => coef n * x)) => x.
by rewrite mulrnAr -mulrnAl -mulr_natr coefP mul1r.
Qed.

Lemma coef_binomial m i : (i <= m)%N -> coef m *+ 'C(m, i) = coef (m - i)%N * coef i.
Proof.
move=> im; have fn n : coef n *+ n`! = 1 by rewrite -mulr_natr coefP.
apply: (@mulrn_fact_inj i); apply: (@mulrn_fact_inj (m - i)) => /=.
transitivity (1 : T).
  by rewrite -2!mulrnA bin_fact.
by rewrite -mulrnAr fn mulr1 fn.
Qed.

Lemma term_add x y m : x * y = y * x ->
  term (x + y) m = \sum_(i < m.+1) term x (m - i) * term y i.
Proof.
move=> cxy; rewrite /term exprDn_comm // mulr_sumr; apply: eq_bigr => i _.
rewrite mulrnAr -mulrnAl coef_binomial; last by rewrite -ltnS.
by rewrite -!mulrA; congr (_ * _); rewrite !mulrA coef_comm.
Qed.

Lemma trunc_mul x y n : x * y = y * x ->
  trunc x n * trunc y n - trunc (x + y) n =
    \sum_(n <= k < n + n) (term_poly x n * term_poly y n)`_k.
Proof.
move=> cxy.
have eE z : trunc z n = (term_poly z n).[1].
  by rewrite horner_poly; apply: eq_bigr => i _; rewrite expr1n mulr1.
rewrite (eE x) (eE y) -hornerM_comm; last by rewrite /comm_poly mul1r mulr1.
have sz : (size (term_poly x n * term_poly y n)%R <= n + n)%N.
  apply: leq_trans (size_mul_leq _ _) _.
  by apply: leq_trans (leq_pred _) (leq_add (size_poly _ _) (size_poly _ _)).
rewrite (horner_coef_wide _ sz) -(big_mkord xpredT (fun i => _`_i * 1 ^+ i)).
rewrite (@big_cat_nat _ _ _ n) ?leq_addr //= addrAC big_mkord.
rewrite [X in _ - X](_ : _ = \sum_(i < n) (term_poly x n * term_poly y n)`_i * 1 ^+ i).
  by rewrite subrr add0r; apply: eq_bigr => i _; rewrite expr1n mulr1.
apply: eq_bigr => k _; rewrite expr1n mulr1 coefMr term_add //.
apply: eq_bigr => i _; rewrite !coef_poly.
by rewrite (leq_ltn_trans (leq_subr _ _)) // (leq_trans (ltn_ord i)).
Qed.
End TruncatedSeries.
