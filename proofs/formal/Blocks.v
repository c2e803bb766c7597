(******************************************************************************)
(* The block of `split`: the numbers mu and tau (Q6), the exponential of a    *)
(* triangular matrix with distinct diagonal entries (Q7) and of one whose     *)
(* last rows are 0 (Q7').  If V p(T) = 0 for a product p of distinct factors  *)
(* X - r with e^r = e, then V exp(T) = e V (`exp_annihilated`, by induction   *)
(* on p). exp(G J) = I implies exp(J G) = I if G J is invertible              *)
(* (`exp_factors`).                                                           *)
(******************************************************************************)
From mathcomp Require Import all_ssreflect all_algebra complex.
From mathcomp.classical Require Import boolp.
From mathcomp Require Import reals.
From DeepExpExact Require Import Statements MatrixExponential ScalarExponential.
From DeepExpExact Require Import AllLogarithms Intertwining Pivots.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope complex_scope.

Section Blocks.
Variables (R : realType) (d : nat).
Local Notation C := R[i].
Local Notation M := 'M[C]_d.+1.

(* ---- Q6 ---- *)
Lemma cexp_neq0 (z : C) : cexp z != 0.
Proof.
apply/eqP => z0; have := cexpD z (- z); rewrite subrr cexp0 z0 mul0r => /eqP.
by rewrite oner_eq0.
Qed.

Lemma period_not_one (c : C) (k l : int) : cexp c != 1 ->
  c != two_pi_i R * k%:~R - two_pi_i R * l%:~R.
Proof.
by apply: contraNneq => ->; rewrite -mulrBr -mulrzBr cexp_period.
Qed.

Lemma prod_coef n (r : 'I_n.+2 -> C) : let p := \prod_j ('X - (r j)%:P) in
  p`_n.+2 = 1 /\ p`_n.+1 = - \sum_j r j.
Proof.
have e : \prod_j ('X - (r j)%:P) = char_poly (diag_mx (\row_j r j)).
  rewrite char_poly_trig ?diag_mx_is_trig //; apply: eq_bigr => j _.
  by rewrite !mxE eqxx mulr1n.
rewrite e /=; split.
  by have /monicP := char_poly_monic (diag_mx (\row_j r j)); rewrite lead_coefE size_char_poly.
rewrite (@char_poly_trace _ n.+2) //; congr (- _); apply: eq_bigr => j _.
by rewrite !mxE eqxx mulr1n.
Qed.

Lemma mu_root n (r : 'I_n -> C) m : (\prod_j ('X - (r j)%:P)).[m] = \prod_j (m - r j).
Proof. by rewrite horner_prod; apply: eq_bigr => j _; rewrite hornerXsubC. Qed.

Theorem Q6_parameters : Q6_parameters_statement R d.
Proof.
move=> a c delta c1 d0 mu equation; split.
  pose w j := - (two_pi_i R * (a j)%:~R).
  pose p := \prod_j ('X - (w j - c)%:P) - delta *: \prod_j ('X - (w j)%:P).
  suff /closed_rootP[m /rootP] : size p != 1%N.
    rewrite hornerD hornerN hornerZ !mu_root => /eqP; rewrite subr_eq0 => /eqP e.
    exists m; rewrite /equation; transitivity (\prod_j (m - (w j - c))).
      by apply: eq_bigr => j _; rewrite /mu /w opprB opprK [RHS]addrCA addrC addrA.
    by rewrite e; congr (_ * _); apply: eq_bigr => j _; rewrite /mu /w opprK.
  have [e1 e2] := prod_coef (fun j => w j - c); have [f1 f2] := prod_coef w.
  apply/negP => /eqP sp.
  have c2 : p`_d.+2 = 0 by rewrite nth_default ?sp.
  have c3 : p`_d.+1 = 0 by rewrite nth_default ?sp.
  move: c2 c3; rewrite !coefB !coefZ e1 e2 f1 f2 mulr1 => /eqP; rewrite subr_eq0 => /eqP <-.
  rewrite mul1r sumrB opprB opprK subrK sumr_const card_ord -mulr_natr => /eqP.
  rewrite mulf_eq0 pnatr_eq0 orbF => /eqP c0.
  by move: c1; rewrite c0 cexp0 eqxx.
move=> m em.
have nz j k : mu m j = 0 -> mu m k + c = 0 -> False.
  rewrite /mu => /eqP; rewrite addr_eq0 => /eqP -> /eqP.
  rewrite [_ + c]addrC addr_eq0 opprD opprK => /eqP e.
  by move: (period_not_one (a j) (a k) c1); rewrite {1}e eqxx.
have mu0 j : mu m j != 0.
  apply/eqP => j0; have : \prod_j (mu m j + c) == 0.
    by rewrite em (bigD1 j) //= j0 mul0r mulr0.
  by case/prodf_eq0 => k _ /eqP; apply: nz j0.
have tau0 k : mu m k + c != 0.
  apply/eqP => k0; have : \prod_j mu m j == 0.
    have : delta * \prod_j mu m j == 0 by rewrite -em (bigD1 k) //= k0 mul0r.
    by rewrite mulf_eq0 (negbTE d0).
  by case/prodf_eq0 => j _; rewrite (negbTE (mu0 j)).
split=> [j|]; first by split.
rewrite prodf_div em mulfK //; apply/prodf_neq0 => j _; exact: mu0.
Qed.

(* ---- Q7 ---- *)
Lemma exp_eigen n (V T : 'M[C]_n.+1) (r : C) : V *m T = r *: V -> V *m expM T = cexp r *: V.
Proof.
move=> e; rewrite (@exp_intertwine _ _ _ T (r%:M) V); last by rewrite mul_scalar_mx.
by rewrite exp_scalar mul_scalar_mx.
Qed.

Lemma exp_annihilated n (T V : 'M[C]_n.+1) (e : C) (rs : seq C) :
  uniq rs -> (forall r, r \in rs -> cexp r = e) ->
  V *m horner_mx T (\prod_(r <- rs) ('X - r%:P)) = 0 -> V *m expM T = e *: V.
Proof.
elim: rs V => [|r rs IH] V /=.
  by rewrite big_nil rmorph1 mulmx1 => _ _ ->; rewrite mul0mx scaler0.
case/andP=> r_rs urs ers; rewrite big_cons; set p := \prod_(r <- rs) _ => Vp.
have pr0 : p.[r] != 0 by rewrite -[_ == _]/(root p r) root_prod_XsubC.
have /factor_theorem[g eg] : root (p - p.[r]%:P) r by rewrite rootE !hornerE subrr.
have hp : horner_mx T p = p.[r]%:M + horner_mx T g *m (T - r%:M).
  have -> : p = p.[r]%:P + g * ('X - r%:P) by rewrite -eg addrC subrK.
  by rewrite !rmorphD rmorphM /= rmorphB /= !horner_mx_X !horner_mx_C hornerD hornerC hornerM
             hornerXsubC subrr mulr0 addr0.
pose V1 := V *m horner_mx T p; pose V2 := V *m (T - r%:M).
have cT : horner_mx T p *m (T - r%:M) = (T - r%:M) *m horner_mx T p.
  have -> : T - r%:M = horner_mx T ('X - r%:P) by rewrite rmorphB /= horner_mx_X horner_mx_C.
  exact: comm_horner_mx2.
have hr : horner_mx T (('X - r%:P) * p) = (T - r%:M) *m horner_mx T p.
  by rewrite rmorphM rmorphB /= horner_mx_X horner_mx_C.
have E1 : V1 *m expM T = e *: V1.
  rewrite (@exp_eigen _ _ _ r) ?ers ?mem_head //.
  apply/eqP; rewrite -subr_eq0 -mul_mx_scalar -mulmxBr /V1 -mulmxA cT -hr; exact/eqP.
have E2 : V *m horner_mx T g *m (T - r%:M) *m expM T = e *: (V *m horner_mx T g *m (T - r%:M)).
  apply: IH => // [s ss|]; first by rewrite ers // inE ss orbT.
  have cg : horner_mx T g *m (T - r%:M) = (T - r%:M) *m horner_mx T g.
    have -> : T - r%:M = horner_mx T ('X - r%:P) by rewrite rmorphB /= horner_mx_X horner_mx_C.
    exact: comm_horner_mx2.
  rewrite -[V *m _ *m (T - _)]mulmxA -/p cg -!mulmxA.
  have -> : horner_mx T g *m horner_mx T p = horner_mx T p *m horner_mx T g.
    exact: comm_horner_mx2.
  by rewrite [(T - _) *m _]mulmxA -hr !mulmxA Vp mul0mx.
have {V2} eV : p.[r] *: V = V1 - V *m horner_mx T g *m (T - r%:M).
  by rewrite /V1 hp mulmxDr mulmxA addrK mul_mx_scalar.
have : (p.[r] *: V) *m expM T = e *: (p.[r] *: V).
  by rewrite eV mulmxBl E1 E2 scalerBr.
by rewrite -scalemxAl scalerA mulrC -scalerA => /(scalerI pr0).
Qed.

Lemma exp_lower n (T : 'M[C]_n.+1) (e : C) : lower_triangular T ->
  injective (fun j => T j j) -> (forall j, cexp (T j j) = e) -> expM T = e%:M.
Proof.
move=> lT iT eT; pose rs := [seq T j j | j <- enum 'I_n.+1].
rewrite -[expM T]mul1mx (@exp_annihilated _ T 1 e rs) ?scalemx1 //.
- by rewrite map_inj_uniq ?enum_uniq.
- by move=> r /mapP[j _ ->].
rewrite big_map -[RHS](Cayley_Hamilton T) mul1mx char_poly_trig; last by apply/is_trig_mxP.
by rewrite big_enum.
Qed.

Lemma exp_tr n (T : 'M[C]_n.+1) : expM T^T = (expM T)^T.
Proof.
have tX k : (T^T) ^+ k = (T ^+ k)^T.
  elim: k => [|k IH]; first by rewrite !expr0 trmx1.
  by rewrite exprS exprSr -!mulmxE trmx_mul IH.
have tS N i j : exp_sum T^T N i j = exp_sum T N j i.
  rewrite /exp_sum !summxE; apply: eq_bigr => k _.
  by rewrite /exp_term tX !mxE.
apply/matrixP => i j; rewrite !mxE.
have e g : (fun N => g (exp_sum T^T N i j) : R) = (fun N => g (exp_sum T N j i)).
  by apply/funext => N; rewrite tS.
by rewrite (e (@complex.Re R)) (e (@complex.Im R)).
Qed.

Theorem Q7_scalar_exponential : Q7_scalar_exponential_statement R d.
Proof.
split=> [T e [lT|uT] iT eT|W A1 A2 u]; first exact: exp_lower.
  rewrite -[T]trmxK exp_tr (@exp_lower _ T^T e) ?tr_scalar_mx //.
  - by move=> i j ij; rewrite mxE uT.
  - by move=> i j; rewrite !mxE; apply: iT.
  - by move=> j; rewrite mxE.
by rewrite mulmxKV // mulmxA.
Qed.

(* ---- Q7' ---- *)
Lemma exp_factors r n (J : 'M[C]_(n.+1, r.+1)) (G : 'M[C]_(r.+1, n.+1)) :
  G *m J \in unitmx -> expM (G *m J) = 1 -> expM (J *m G) = 1.
Proof.
move=> u e1; set E := expM _.
have GE : G *m E = G.
  by rewrite (@exp_intertwine _ _ _ (J *m G) (G *m J) G) ?e1 ?mul1mx ?mulmxA.
pose Q := 1 - J *m invmx (G *m J) *m G.
have QT : Q *m (J *m G) = 0.
  by rewrite mulmxBl mul1mx -!mulmxA [G *m (J *m G)]mulmxA mulKmx // subrr.
have QE : Q *m E = Q.
  rewrite (@exp_intertwine _ _ _ (J *m G) 0 Q) ?exp0 ?mul1mx //.
  by rewrite QT mul0mx.
have -> : E = Q *m E + J *m invmx (G *m J) *m (G *m E).
  by rewrite mulmxBl mul1mx -mulmxA subrK.
by rewrite QE GE subrK.
Qed.

Theorem Q7_singular_block : Q7_singular_block_statement R d.
Proof.
split=> [n T11 T12 u e1|c a]; last first.
  rewrite cexpD cexp_period mulr1; apply: (mulIf (cexp_neq0 c)).
  by rewrite mulVf ?cexp_neq0 // -cexpD addNr cexp0.
pose J : 'M[C]_((d + n).+1, d.+1) := col_mx 1%:M (0 : 'M_(n, d.+1)).
pose G : 'M[C]_(d.+1, (d + n).+1) := row_mx T11 T12.
have GJ : G *m J = T11.
  by rewrite /G /J (mul_row_col T11 T12 1%:M 0) mulmx1 mulmx0 addr0.
have JG : J *m G = block_mx T11 T12 0 0.
  by rewrite /G /J (mul_col_row 1%:M (0 : 'M_(n, d.+1)) T11 T12) !mul1mx !mul0mx.
have := @exp_factors d (d + n) J G; rewrite GJ JG; exact.
Qed.
End Blocks.
