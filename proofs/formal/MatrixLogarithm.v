(******************************************************************************)
(* Every invertible complex matrix K has a logarithm that is a polynomial in K *)
(* (`log_polynomial`).                                                        *)
(*                                                                            *)
(* Write h for evaluation of polynomials at K.  Going through the roots r of  *)
(* the characteristic polynomial one at a time, with p the product of the     *)
(* X - r treated so far, we keep a polynomial q with                          *)
(*     exp(h(q)) = h(X + s p)   for some polynomial s,                        *)
(* that is exp(h(q)) = K modulo the ideal of p (`log_mod`).  To treat one more *)
(* root r, add c p to q: exp(h(c p)) = h(1 + phi p) modulo the ideal of       *)
(* p (X - r), where phi = c + c^2 p(r)/2! + ... (`phi_mod`), and c can be chosen *)
(* so that the error vanishes at r (`phi_solve`; here the scalar logarithm is *)
(* used).  At the end p is the characteristic polynomial, and h(p) = 0 by     *)
(* Cayley and Hamilton.  Ideals are linear subspaces, hence closed.           *)
(******************************************************************************)
From mathcomp Require Import all_ssreflect all_algebra complex.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp Require Import reals signed topology normedtype sequences exp trigo.
From mathcomp Require Import ring.
From DeepExpExact Require Import Statements MatrixExponential ScalarExponential.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Def Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope complex_scope.

(* Two identities for `ring`, and one for an additive group. *)
Lemma pow_alg (A : comRingType) (a p t x m g : A) : p = m + g * x ->
  (a * p + t * (p * x)) * p = (a * m) * p + (t * p + a * g) * (p * x).
Proof. by move=> ->; ring. Qed.

Lemma fin_alg (A : comRingType) (X s p x f g t ph : A) :
  f = X + s * p -> s + ph * f = g * x ->
  f * (1 + ph * p + t * (p * x)) = X + (g + f * t) * (x * p).
Proof.
move=> e1 e2; have -> : X = f - s * p by rewrite e1 addrK.
transitivity (f - s * p + (s + ph * f) * p + f * t * (p * x)); first by ring.
by rewrite e2; ring.
Qed.

Lemma zmod_alg (V : zmodType) (a b o x y : V) :
  a - (o + x) - (b - (o + y)) = (a - b) - (x - y).
Proof.
rewrite !opprB addrA -[a - _ + _]addrA opprD addrACA addNr add0r.
by rewrite [- x + y]addrC addrAC.
Qed.

Section MatrixLogarithm.
Variables (R : realType) (d : nat).
Local Notation C := R[i].
Local Notation M := 'M[C]_d.+1.

(* scalar series converges to cexp *)
Lemma cterm_cvg (w : C) :
  (fun n => cn (\sum_(k < n) cterm w k - cexp w)) --> (0 : R).
Proof.
have := exp_sum_cvg (w%:M : 'M[C]_1); rewrite exp_scalar => h.
apply: (squeeze0 _ h) => n; rewrite cn_ge0 /=.
apply: le_trans (nrm_ent _ 0 0); rewrite /exp_sum !mxE summxE eqxx mulr1n.
suff -> : \sum_(k < n) exp_term (w%:M : 'M[C]_1) k 0 0 = \sum_(k < n) cterm w k by [].
by apply: eq_bigr => k _; rewrite exp_term_scalar mxE eqxx mulr1n.
Qed.

Lemma mcvg_shift (u : nat -> M) A k : mcvg u A -> mcvg (fun n => u (n + k)%N) A.
Proof. by move=> h; have := h; rewrite /mcvg -(cvg_shiftn k). Qed.

Lemma nrmZC (w : C) (A : M) : nrm (w *: A) <= cn w * nrm A.
Proof.
rewrite /nrm mulr_sumr; apply: ler_sum => i _; rewrite mulr_sumr; apply: ler_sum => j _.
by rewrite !mxE cnM.
Qed.

(* subspaces of M are closed *)
Lemma closed_sub m (U : 'M[C]_(m, d.+1 * d.+1)) (u : nat -> M) A :
  mcvg u A -> (forall n, (mxvec (u n) <= U)%MS) -> (mxvec A <= U)%MS.
Proof.
move=> h hu; rewrite submxE; apply/eqP/matrixP => i j; rewrite [RHS]mxE.
set N := cokermx U; apply: cn_eq0.
pose c := \sum_k cn (N k j).
apply: (@cvg_unique _ (@Rhausdorff R) ((fun _ : nat => cn ((mxvec A *m N) i j)) @ \oo)).
  exact: cvg_cst.
apply: (@squeeze0 _ _ (fun n => nrm (u n - A) * c)); last first.
  by rewrite -[X in _ --> X](mul0r c); apply: cvgMl.
move=> n; rewrite cn_ge0 /= /c mulr_sumr.
have -> : (mxvec A *m N) i j = - (mxvec (u n - A) *m N) i j.
  have := hu n; rewrite submxE linearB /= mulmxBl => /eqP ->.
  by rewrite sub0r !mxE opprK.
rewrite cnN mxE; apply: le_trans (cn_sum _ _ _) _; apply: ler_sum => k _.
apply: le_trans (cnM _ _) _; rewrite ler_wpmul2r ?cn_ge0 //.
by rewrite (ord1 i); case/mxvec_indexP: k => a b; rewrite mxvecE nrm_ent.
Qed.

Variable K : M.
Local Notation h := (horner_mx K).
Local Notation Ad := (powers_mx K (degree_mxminpoly K)).

Lemma idealP (p : {poly C}) (X : M) :
  (mxvec X <= Ad *m lin_mulmxr (h p))%MS <-> exists f, X = h (f * p).
Proof.
split=> [/submxP[w e]|[f ->]].
  exists (rVpoly w); rewrite rmorphM /= horner_rVpoly; apply: (can_inj mxvecK).
  by rewrite e mulmxA -{1}[w *m Ad]vec_mxK mul_vec_lin.
rewrite rmorphM /= -(mul_vec_lin (mulmxr_linear _ (h p))).
exact: (submxMr _ (horner_mx_mem _ _)).
Qed.

(* exp (c p(K)) modulo the ideal p * ('X - r) *)
Section Phi.
Variables (p : {poly C}) (r c phi : C).
Let mu := p.[r].
Let phin n := \sum_(k < n) (k.+1`!%:R)^-1 * c ^+ k.+1 * mu ^+ k.
Hypothesis phiP : (fun n => cn (phin n.+1 - phi)) --> (0 : R).

Lemma pow_mod n : exists t, p ^+ n.+1 = (mu ^+ n)%:P * p + t * (p * ('X - r%:P)).
Proof.
have /factor_theorem[g eg] : root (p - mu%:P) r by rewrite rootE !hornerE subrr.
have {}eg : p = mu%:P + g * ('X - r%:P) by rewrite -eg addrC subrK.
elim: n => [|n [t IH]].
  by exists 0; rewrite expr1 expr0 mul1r mul0r addr0.
exists (t * p + (mu ^+ n)%:P * g).
by rewrite exprSr IH [mu ^+ n.+1]exprSr polyCM; apply: pow_alg.
Qed.

Lemma phi_mod : exists t,
  expM (h (c *: p)) = h (1 + phi *: p + t * (p * ('X - r%:P))).
Proof.
have ph n : exists t,
  exp_sum (h (c *: p)) n.+2 = h (1 + phin n.+1 *: p + t * (p * ('X - r%:P))).
  rewrite /exp_sum big_ord_recl /phin.
  elim: {n}n.+1 => [|n [t IH]].
    exists 0; rewrite !big_ord0 scale0r mul0r !addr0 rmorph1.
    by rewrite /exp_term fact0 invr1 scale1r expr0.
  have [t' e] := pow_mod n.
  exists (t + ((n.+1`!%:R)^-1 * c ^+ n.+1) *: t').
  rewrite big_ord_recr /= addrA IH big_ord_recr /= /exp_term /bump /= add1n.
  rewrite -[(h (c *: p)) ^+ _]rmorphX /= -linearZ /= -rmorphD /=; congr (h _).
  rewrite exprZn e !scalerDr scalerA mul_polyC !scalerA.
  rewrite scalerDl mulrDl -scalerAl -!addrA; congr (_ + (_ + _)).
  by rewrite !addrA [_ + t * _]addrC -!addrA.
have /idealP[t e] :
    (mxvec (expM (h (c *: p)) - h (1 + phi *: p)) <= Ad *m lin_mulmxr (h (p * ('X - r%:P))))%MS.
  pose u n := exp_sum (h (c *: p)) n.+2 - h (1 + phin n.+1 *: p).
  apply: (@closed_sub _ _ u) => [|n]; last first.
    by apply/idealP; have [t e] := ph n; exists t; rewrite /u e rmorphD /= addrAC subrr add0r.
  have hs := mcvg_shift 2 (exp_sum_cvg (h (c *: p))).
  pose B n := nrm (exp_sum (h (c *: p)) (n + 2)%N - expM (h (c *: p))) +
              cn (phin n.+1 - phi) * nrm (h p).
  apply: (@squeeze0 _ _ B) => [n|].
    rewrite nrm_ge0 /= /B addn2.
    have -> : u n - (expM (h (c *: p)) - h (1 + phi *: p)) =
      (exp_sum (h (c *: p)) n.+2 - expM (h (c *: p))) - (phin n.+1 - phi) *: h p.
      by rewrite /u !rmorphD /= !horner_mxZ zmod_alg -scalerBl.
    by apply: le_trans (nrmD _ _) _; rewrite nrmN ler_add2l nrmZC.
  rewrite -[X in _ --> X](addr0 (0 : R)); apply: cvgD; first exact: hs.
  by rewrite -[X in _ --> X](mul0r (nrm (h p))); apply: cvgMl.
by exists t; rewrite rmorphD /= -e addrC subrK.
Qed.
End Phi.

Lemma phi_solve (mu f s r : C) : r != 0 -> f = r + s * mu -> f != 0 ->
  exists c phi : C, phi * f = - s /\
  (fun n => cn ((\sum_(k < n.+1) (k.+1`!%:R)^-1 * c ^+ k.+1 * mu ^+ k) - phi)) --> (0 : R).
Proof.
move=> r0 ef f0; have [m0|m0] := eqVneq mu 0.
  exists (- s / f), (- s / f); split; first by rewrite divfK.
  rewrite (_ : (fun _ => _) = cst 0); first exact: cvg_cst.
  apply/funext => n; rewrite big_ord_recl big1 => [|k _]; last by rewrite m0 expr0n /= mulr0.
  by rewrite addr0 /= factS fact0 muln1 invr1 mul1r expr1 expr0 mulr1 subrr cn0.
have [w ew] := cexp_surj (mulf_neq0 r0 (invr_neq0 f0)).
exists (w / mu), ((cexp w - 1) / mu); split.
  rewrite ew; apply: (mulfI m0); rewrite mulrA [mu * (_ / _)]mulrC divfK //.
  by rewrite mulrBl mul1r divfK // ef opprD addrA subrr add0r mulrN mulrC.
have hw := cterm_cvg w; rewrite -(cvg_shiftn 2) in hw.
pose B n := cn (mu^-1) * cn (\sum_(k < n + 2) cterm w k - cexp w).
apply: (@squeeze0 _ _ B) => [n|]; last first.
  by rewrite -[X in _ --> X](mulr0 (cn mu^-1)); apply: cvgMr; exact: hw.
have eP : \sum_(k < n.+1) (k.+1`!%:R)^-1 * (w / mu) ^+ k.+1 * mu ^+ k =
    (\sum_(k < n.+1) cterm w k.+1) / mu.
  rewrite mulr_suml; apply: eq_bigr => k _.
  rewrite /cterm expr_div_n exprSr -!mulrA; congr (_ * (_ * (_ * _))).
  by rewrite [mu ^+ k.+1]exprS invfM -!mulrA mulVf ?mulr1 // expf_neq0.
rewrite cn_ge0 /= /B addn2 eP -mulrBl mulrC; apply: le_trans (cnM _ _).
rewrite [in leRHS]big_ord_recl /= {2}/cterm fact0 invr1 mul1r expr0.
by rewrite opprB addrA [X in cn (_ * (X - _)) <= _]addrC.
Qed.

Lemma root_unit f r : root (char_poly K) r -> h f \is a GRing.unit -> f.[r] != 0.
Proof.
move=> rr uf; apply/negP => /factor_theorem[g eg].
have : h ('X - r%:P) \is a GRing.unit.
  move: uf; rewrite eg rmorphM /= unitrM_comm; first by case/andP.
  exact: comm_horner_mx2.
rewrite rmorphB /= horner_mx_X horner_mx_C => u.
move: rr; rewrite -eigenvalue_root_char /eigenvalue /eigenspace.
by rewrite kermx_eq0 row_free_unit; apply/negP; rewrite negbK.
Qed.

Lemma log_mod (rs : seq C) : K \is a GRing.unit -> all (root (char_poly K)) rs ->
  exists q s, expM (h q) = h ('X + s * \prod_(r <- rs) ('X - r%:P)).
Proof.
move=> uK; elim: rs => [_|r rs IH /= /andP[rr /IH[q [s e]]]].
  exists 0, (1 - 'X); rewrite big_nil mulr1 addrC subrK rmorph0 rmorph1.
  exact: exp0.
set p := \prod_(r <- rs) _ in e *; pose f := 'X + s * p.
have uf : h f \is a GRing.unit by rewrite -e; exact: exp_unit.
have f0 : f.[r] != 0 by apply: root_unit.
have r0 : r != 0.
  by have := @root_unit 'X r rr; rewrite horner_mx_X hornerX; apply.
have ef : f.[r] = r + s.[r] * p.[r] by rewrite /f !hornerE.
have [c [phi [e1 e2]]] := phi_solve r0 ef f0.
have [t et] := phi_mod e2.
have /factor_theorem[g eg] : root (s + phi *: f) r.
  by rewrite rootE hornerD hornerZ e1 subrr.
exists (q + c *: p), (g + f * t).
rewrite big_cons -/p rmorphD /= exp_add; last exact: comm_horner_mx2.
rewrite e -/f et mulmxE -rmorphM /=; congr (h _).
rewrite -mul_polyC; apply: fin_alg; first by [].
by rewrite mul_polyC.
Qed.

Theorem log_polynomial : K \is a GRing.unit -> exists q : {poly C}, expM (h q) = K.
Proof.
move=> uK; have [rs ers] := closed_field_poly_normal (char_poly K).
rewrite (monicP (char_poly_monic K)) scale1r in ers.
have rr : all (root (char_poly K)) rs.
  by apply/allP => r hr; rewrite ers root_prod_XsubC.
have [q [s e]] := log_mod uK rr.
exists q; rewrite e -ers rmorphD rmorphM /= horner_mx_X Cayley_Hamilton.
by rewrite mulr0 addr0.
Qed.
End MatrixLogarithm.
