(******************************************************************************)
(* All logarithms of an invertible matrix K (`all_logarithms`): with L0 one   *)
(* that is a polynomial in K, they are the L0 + 2 pi i N, where N commutes    *)
(* with K, is diagonalisable and has integer eigenvalues.                     *)
(*                                                                            *)
(* If V (B - m I) = W and W (B - m I) = 0, then V exp(B) = e^m (V + W)        *)
(* (`exp_jordan2`): only two terms of the series of B - m I are left.         *)
(* Such an N therefore gives exp(2 pi i N) = I, and conversely exp(T) = I     *)
(* forces W = 0 for every such V: T has no Jordan block of size 2, and its    *)
(* eigenvalues m have e^m = 1.  For a logarithm L of K take T = L - L0: L     *)
(* commutes with K = exp(L), hence with L0.                                   *)
(******************************************************************************)
From mathcomp Require Import all_ssreflect all_algebra complex.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp Require Import reals signed topology normedtype sequences exp trigo.
From DeepExpExact Require Import Statements MatrixExponential ScalarExponential.
From DeepExpExact Require Import MatrixLogarithm.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Def Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope complex_scope.

(* ---- The complex numbers m with e^m = 1 ---- *)
Section Periods.
Variable R : realType.
Local Notation C := R[i].
Local Notation Complex := (@complex.Complex R).
Implicit Types a b m : C.

Lemma cexpD a b : cexp (a + b) = cexp a * cexp b.
Proof.
case: a b => [x y] [x' y']; apply/eqP; rewrite eq_complex /cexp /=.
rewrite expRD cosD sinD !mulrDr mulrN -!mulrA; apply/andP; split; apply/eqP.
  by congr (_ * _ - _ * _); rewrite mulrCA.
by rewrite addrC; congr (_ * _ + _ * _); rewrite mulrCA; congr (_ * _); rewrite mulrC.
Qed.

Lemma two_pi_i_neq0 : two_pi_i R != 0.
Proof. by rewrite eq_complex /= eqxx /= mulrn_eq0 /= gt_eqF // pi_gt0. Qed.

Lemma cexp_period (n : int) : cexp (two_pi_i R * n%:~R) = 1.
Proof.
have e1 : cexp (two_pi_i R) = 1 by rewrite /cexp /= expR0 cos2pi sin2pi !mul1r.
have en (k : nat) : cexp (two_pi_i R * k%:R) = 1.
  elim: k => [|k IH]; first by rewrite mulr0 cexp0.
  by rewrite -addn1 natrD mulrDr mulr1 cexpD IH e1 mulr1.
case: n => k; first exact: en.
have := cexpD (two_pi_i R * k.+1%:R) (two_pi_i R * (Negz k)%:~R).
by rewrite en mul1r NegzE mulrNz mulrN subrr cexp0.
Qed.

(* the only angle in [0, 2 pi) with cosine 1 is 0 *)
Lemma cos_eq1_0 (z : R) : 0 <= z -> z < pi *+ 2 -> cos z = 1 -> z = 0.
Proof.
move=> z0 zpi cz; pose w := z / 2%:R.
have e : z = w *+ 2 by rewrite -mulr_natr divfK // pnatr_eq0.
have w0 : 0 <= w by rewrite divr_ge0.
have wpi : w < pi by rewrite -(ltr_pmuln2r (ltn0Sn 1)) -e.
have c2 : cos w ^+ 2 = 1.
  apply: (@mulIf _ 2%:R); first by rewrite pnatr_eq0.
  by rewrite mulr_natr mul1r; apply: (addIr (-1)); rewrite -cos_mulr2n -e cz addrK.
have s0 : sin w = 0 by apply/eqP; rewrite -sqrf_eq0 sin2cos2 c2 subrr.
move: w0; rewrite le_eqVlt => /orP[/eqP w0|w0]; first by rewrite e -w0 mul0rn.
by have := sin_gt0_pi (introT andP (conj w0 wpi)); rewrite s0 ltxx.
Qed.

Lemma cexp_eq1 m : cexp m = 1 -> exists n : int, m = two_pi_i R * n%:~R.
Proof.
case: m => x y e1; pose p : R := pi *+ 2.
have p0 : 0 < p by rewrite pmulrn_lgt0 // pi_gt0.
pose n := floor (y / p); exists n.
have ez : two_pi_i R * n%:~R = Complex 0 (p * n%:~R).
  have -> : (n%:~R : C) = (n%:~R)%:C by rewrite rmorph_int.
  by apply/eqP; rewrite eq_complex /= !mul0r mulr0 subr0 add0r !eqxx.
have : cexp (Complex x y - two_pi_i R * n%:~R) = 1.
  by rewrite -mulrN -mulrNz cexpD e1 cexp_period mulr1.
rewrite ez /cexp /= oppr0 addr0 => /eqP; rewrite eq_complex /=.
set z := y - _ => /andP[/eqP ec /eqP es].
have sz : sin z = 0.
  by apply/eqP; move/eqP: es; rewrite mulf_eq0 gt_eqF // expR_gt0.
have z0 : 0 <= z by rewrite subr_ge0 mulrC -ler_pdivl_mulr // floor_le.
have zp : z < p.
  rewrite ltr_subl_addl -{2}[p]mulr1 -mulrDr mulrC -ltr_pdivr_mulr //.
  exact: lt_succ_floor.
have cz2 : cos z ^+ 2 = 1 by rewrite cos2sin2 sz expr0n /= subr0.
have cz : cos z = 1.
  have /eqP := cz2; rewrite sqrf_eq1 => /orP[/eqP //|/eqP c].
  by have := @ltr01 R; rewrite -ec c mulrN1 oppr_gt0 ltNge ltW // expR_gt0.
have zE := cos_eq1_0 z0 zp cz.
have xE : x = 0 by apply: expR_inj; rewrite expR0 -ec cz mulr1.
by apply/eqP; rewrite eq_complex /= xE eqxx /= -subr_eq0 -/z zE.
Qed.
End Periods.

(* ---- The matrices T with exp(T) = I ---- *)
Section AllLogarithms.
Variables (R : realType) (d : nat).
Local Notation C := R[i].
Local Notation M := 'M[C]_d.+1.
Implicit Types (A B T V W : M) (m : C).

Lemma move_factor (A : comRingType) (q x g : A) : q * (x * g) = q * g * x.
Proof. by rewrite [x * g]mulrC mulrA. Qed.

Lemma scale_fix V m : V != 0 -> V = m *: V -> m = 1.
Proof.
move=> V0 /eqP; rewrite -subr_eq0 -{1}[V]scale1r -scalerBl scaler_eq0 (negbTE V0) orbF.
by rewrite subr_eq0 => /eqP.
Qed.

Lemma diag_period (n : 'I_d.+1 -> int) (r : 'rV[C]_d.+1) :
  (forall i, r 0 i = two_pi_i R * (n i)%:~R) ->
  diag_mx r = two_pi_i R *: diag_mx (\row_j (n j)%:~R).
Proof.
move=> e; apply/matrixP => a b; rewrite !mxE e.
by case: (a == b); rewrite ?mulr1n // !mulr0n mulr0.
Qed.

Lemma mcvg_cst A : mcvg (fun _ => A) A.
Proof.
rewrite /mcvg (_ : (fun _ => _) = cst 0); first exact: cvg_cst.
by apply/funext => n; rewrite subrr nrm0.
Qed.

Lemma exp_comm A B : A * B = B * A -> A * expM B = expM B * A.
Proof.
move=> cAB; apply: (mcvg_unique (mcvgM (mcvg_cst A) (exp_sum_cvg B))).
have -> : (fun n => A * exp_sum B n) = (fun n => exp_sum B n * A).
  apply/funext => n; rewrite mulr_sumr mulr_suml; apply: eq_bigr => k _.
  by rewrite -scalerAr -scalerAl; congr (_ *: _); apply: commrX.
exact: mcvgM (exp_sum_cvg B) (mcvg_cst A).
Qed.

Lemma exp_nilpotent2 V W B : V * B = W -> W * B = 0 -> V * expM B = V + W.
Proof.
move=> eV eW; apply: (mcvg_unique (mcvgM (mcvg_cst V) (mcvg_shift 2 (exp_sum_cvg B)))).
rewrite (_ : (fun _ => _) = fun _ => V + W); first exact: mcvg_cst.
have z j : V * B ^+ j.+2 = 0 by rewrite !exprS mulrA eV mulrA eW mul0r.
apply/funext => n; rewrite addn2 /exp_sum mulr_sumr !big_ord_recl big1 => [|k _].
  rewrite addr0 /exp_term /= /bump /= fact0 factS fact0 muln1 invr1 !scale1r.
  by rewrite addn0 expr0 expr1 mulr1 -[X in _ = _ + X]eV.
rewrite /exp_term /= /bump /= !add1n -scalerAr.
by rewrite (_ : V * _ = 0) ?scaler0 //; exact: z.
Qed.

Lemma exp_jordan2 V W B m : V * B = m *: V + W -> W * B = m *: W ->
  V * expM B = cexp m *: (V + W).
Proof.
move=> eV eW; pose N : M := B - m%:M.
have eN (U : M) : U * N = U * B - m *: U by rewrite mulrBr [U * m%:M]mul_mx_scalar.
have -> : expM B = expM N * (cexp m)%:M.
  rewrite -exp_scalar -[RHS]exp_add ?subrK //.
  by rewrite mul_mx_scalar mul_scalar_mx.
rewrite mulrA (@exp_nilpotent2 _ W) ?[_ * _%:M]mul_mx_scalar //.
  by rewrite eN eV addrC addKr.
by rewrite eN eW subrr.
Qed.

(* row i of Q, kept in place, is an eigenvector of T if Q T = diag(r) Q *)
Lemma exp_row (Q T : M) (r : 'rV[C]_d.+1) i : Q * T = diag_mx r * Q ->
  delta_mx i i * Q * expM T = cexp (r 0 i) *: (delta_mx i i * Q).
Proof.
move=> QT; set V : M := _ * Q.
have VT : V * T = r 0 i *: V + 0.
  rewrite addr0 /V -mulrA QT mulrA scalerAl; congr (_ * _).
  apply/matrixP => a b; rewrite -mulmxE mul_mx_diag !mxE.
  by case: (b =P i) => [->|_]; rewrite ?andbF ?mulr0 ?mul0r // mulrC.
by rewrite (exp_jordan2 VT (etrans (mul0r T) (esym (scaler0 _ _)))) addr0.
Qed.

Section ExpOne.
Variable T : M.
Hypothesis expT : expM T = 1.
Local Notation h := (horner_mx T).

(* T has no Jordan block of size 2: squares of X - m can be dropped. *)
Lemma exp1_square (q : {poly C}) m :
  h (q * ('X - m%:P) * ('X - m%:P)) = 0 -> h (q * ('X - m%:P)) = 0.
Proof.
move=> e2; set V := h q; set W := h (q * ('X - m%:P)).
have step p : h (p * ('X - m%:P)) = h p * T - m *: h p.
  rewrite rmorphM rmorphB /= horner_mx_X horner_mx_C mulrBr.
  by rewrite [h p * m%:M]mul_mx_scalar.
have eV : V * T = m *: V + W by rewrite /W step addrC subrK.
have eW : W * T = m *: W by apply/eqP; rewrite -subr_eq0 -step e2.
have e := exp_jordan2 eV eW; rewrite expT mulr1 in e.
have e' : W = cexp m *: W.
  pose N : M := T - m%:M.
  have fN (U : M) : U * N = U * T - m *: U by rewrite mulrBr [U * m%:M]mul_mx_scalar.
  have fV : V * N = W by rewrite fN eV addrC addKr.
  have fW : W * N = 0 by rewrite fN eW subrr.
  have := congr1 (fun U : M => U * N) e.
  by rewrite -scalerAl mulrDl fV fW addr0.
have [//|W0] := eqVneq W 0.
have m1 := scale_fix W0 e'.
by apply: (addrI V); rewrite addr0 [RHS]e m1 scale1r.
Qed.

Lemma exp1_undup (rs : seq C) (q : {poly C}) :
  h (q * \prod_(r <- rs) ('X - r%:P)) = 0 ->
  h (q * \prod_(r <- undup rs) ('X - r%:P)) = 0.
Proof.
elim: rs q => [//|r rs IH] q /=; rewrite big_cons; case: ifP => [rrs|_].
  rewrite (big_rem r rrs) /= !move_factor => e.
  by apply: IH; rewrite (big_rem r rrs) /= move_factor; apply: exp1_square e.
by rewrite big_cons !mulrA; apply: IH.
Qed.

Lemma exp1_diagonalisable : exists2 P : M, P \in unitmx &
  exists r : 'rV[C]_d.+1, T = invmx P *m diag_mx r *m P.
Proof.
have [rs ers] := closed_field_poly_normal (char_poly T).
rewrite (monicP (char_poly_monic T)) scale1r in ers.
have : diagonalizable T.
  apply/diagonalizableP; exists (undup rs); first exact: undup_uniq.
  apply: mxminpoly_min; rewrite -[X in h X]mul1r; apply: exp1_undup.
  by rewrite mul1r -ers Cayley_Hamilton.
case=> P uP /(diagonalizable_forLR uP)[r e]; exists P => //; exists r.
by rewrite e conjVmx.
Qed.

Lemma exp1_integer : exists2 N : M, integer_diagonalisable N & T = two_pi_i R *: N.
Proof.
have [P uP [r e]] := exp1_diagonalisable.
have PT : P * T = diag_mx r * P by rewrite e -!mulmxE -mulmxA mulKVmx.
have er i : exists n : int, r 0 i == two_pi_i R * n%:~R.
  suff : cexp (r 0 i) = 1 by case/cexp_eq1=> n ->; exists n.
  pose V : M := delta_mx i i * P.
  have eV := exp_row i PT; rewrite expT mulr1 -/V in eV.
  have V0 : V != 0.
    apply/eqP => /(congr1 (fun U : M => U *m invmx P)).
    rewrite /V -mulmxE mulmxK // mul0mx => /matrixP/(_ i i).
    by rewrite !mxE !eqxx /= => /eqP; rewrite oner_eq0.
  exact: scale_fix V0 eV.
pose n i := xchoose (er i).
exists (invmx P *m diag_mx (\row_j (n j)%:~R) *m P).
  by exists (invmx P), n; rewrite unitmx_inv invmxK.
rewrite e scalemxAl scalemxAr; congr (_ *m _ *m _).
by apply: diag_period => i; rewrite (eqP (xchooseP (er i))).
Qed.
End ExpOne.

Lemma exp_integer (N : M) : integer_diagonalisable N -> expM (two_pi_i R *: N) = 1.
Proof.
case=> P [n [uP e]]; set T := _ *: N.
pose r := \row_j (two_pi_i R * (n j)%:~R).
have QT : invmx P * T = diag_mx r * invmx P.
  rewrite /T e -scalerAr -mulmxE !mulmxA mulVmx // mul1mx scalemxAl; congr (_ *m _).
  by apply/esym/diag_period => i; rewrite mxE.
have row i : delta_mx i i * invmx P * expM T = delta_mx i i * invmx P.
  by rewrite (exp_row i QT) mxE cexp_period scale1r.
have one : \sum_i delta_mx i i = 1 :> M.
  apply/matrixP => a b; rewrite summxE (bigD1 a) //= big1 => [|i ia].
    by rewrite !mxE eqxx addr0 /= eq_sym.
  by rewrite mxE eq_sym (negbTE ia).
have : invmx P * expM T = invmx P.
  rewrite -[invmx P]mul1r -one !mulr_suml; apply: eq_bigr => i _; exact: row.
move/(congr1 (fun U : M => P *m U)).
by rewrite -mulmxE mulmxA mulmxV // mul1mx.
Qed.

Theorem all_logarithms : all_logarithms_statement R d.
Proof.
move=> K uK; split; first exact: log_polynomial.
move=> q L0 e0 L; split=> [eL|[N [cN dN ->]]]; last first.
  have cL0 : L0 *m N = N *m L0 by apply: comm_horner_mx; rewrite /comm_mx cN.
  rewrite exp_add; last by rewrite -scalemxAl -scalemxAr cL0.
  by rewrite e0 exp_integer ?mulmx1.
have cL : L * K = K * L by rewrite -eL; apply: exp_comm.
have cL0 : L * L0 = L0 * L by apply: comm_mx_horner.
have eT : expM (L - L0) = 1.
  have := @exp_add R d (L - L0) L0; rewrite subrK eL e0 => e.
  apply: (can_inj (mulmxK uK)); rewrite -e ?mul1mx //.
  by rewrite mulmxBl mulmxBr; congr (_ - _).
have [N dN eN] := exp1_integer eT; exists N; split=> //; last first.
  by rewrite -eN addrC subrK.
have cT : (L - L0) * K = K * (L - L0).
  rewrite mulrBl mulrBr cL; congr (_ - _); exact: comm_horner_mx.
apply: (scalerI (two_pi_i_neq0 R)); rewrite scalemxAl scalemxAr -eN; exact: cT.
Qed.
End AllLogarithms.
