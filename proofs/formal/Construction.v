(******************************************************************************)
(* The construction, step by step: P1 to P7, the theorem that its weights     *)
(* solve both equations (`explicit_solution`), the theorem that a solution    *)
(* exists (`solution_exists`), and the paper's own case (`paper_theorem`).    *)
(******************************************************************************)
From mathcomp Require Import all_ssreflect all_algebra complex.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp Require Import reals signed topology normedtype sequences exp trigo.
From DeepExpExact Require Import Statements MatrixExponential ScalarExponential.
From DeepExpExact Require Import MatrixLogarithm.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Def Num.Theory.
Local Open Scope ring_scope.
Local Open Scope complex_scope.

Section Construction.
Variables (R : realType) (d : nat).
Local Notation C := R[i].
Local Notation M := 'M[C]_d.+1.

(* W1 (X2 - X1) = c I. *)
Theorem P1_shift : P1_shift_statement R d.
Proof.
move=> X1 X2 c uD W1; apply/eqP; rewrite addrC -subr_eq -mulmxBr /W1.
by rewrite -scalemxAl mulVmx // scalemx1.
Qed.

(* c I commutes with everything, and exp(c I) = e^c I. *)
Theorem P2_first_layer : P2_first_layer_statement R d.
Proof.
move=> X1 X2 W1 c ->.
by rewrite exp_add ?exp_scalar ?mul_mx_scalar ?mul_scalar_mx.
Qed.

(* exp(-B) exp(B) = exp(0) = I. *)
Theorem P3_inverse : P3_inverse_statement R d.
Proof.
move=> B; have uB := exp_unit B; split=> //.
by rewrite -[RHS]mulmx1 -(mulmxV uB) mulmxA expNK mul1mx.
Qed.

(* A product of invertible matrices is invertible, and then has a logarithm. *)
Theorem P4_logarithm : P4_logarithm_statement R d.
Proof.
move=> Y1 Y2 u1 u2 K; have uK : K \in unitmx by rewrite unitmx_mul unitmx_inv u1.
by split=> //; have [q eq] := log_polynomial uK; exists (horner_mx K q).
Qed.

Theorem P5_second_layer : P5_second_layer_statement R d.
Proof.
move=> A1 A2 L a uA -> a1 Z W2.
have e : W2 *m A1 = Z by rewrite /W2 -mulmxA mulVmx // mulmx1.
by split=> //; rewrite -scalemxAr e.
Qed.

(* a Z = Z + (a - 1) Z = Z + L, and Z commutes with L. *)
Theorem P6_telescope : P6_telescope_statement R d.
Proof.
move=> K L a eL a1 Z.
have eZ : (a - 1) *: Z = L by rewrite /Z scalerA divff ?scale1r // subr_eq0.
have e : expM (a *: Z) = expM Z *m expM ((a - 1) *: Z).
  clearbody Z; rewrite -exp_add; last by rewrite -scalemxAr -scalemxAl.
  by rewrite -{2}[Z]scale1r -scalerDl addrC subrK.
by split; rewrite e // eZ eL.
Qed.

(* exp(-Z) exp(Z) = I, and Y1 Y1^-1 = I. *)
Theorem P7_outputs : P7_outputs_statement R d.
Proof.
move=> Y1 Y2 Z a u1 K eK W3.
have e : W3 *m expM Z = Y1 by rewrite /W3 -mulmxA expNK mulmx1.
by split=> //; clearbody W3; rewrite eK mulmxA e; exact: mulKVmx.
Qed.

Theorem explicit_solution : explicit_solution_statement R d.
Proof.
move=> X1 X2 Y1 Y2 L c uD u1 c1 eL W1 A Z W2 W3.
have [uA _] := P3_inverse (W1 *m X1).
have eA := P2_first_layer (P1_shift c uD).
have [e1 e2] := P5_second_layer L uA eA c1.
have [_ eK] := P6_telescope eL c1.
have [f1 f2] := P7_outputs u1 eK.
by split; [rewrite -[RHS]f1 | rewrite -[RHS]f2]; congr (_ *m expM _).
Qed.

(* e^c = 2 for some c. *)
Theorem solution_exists : solution_exists_statement R d.
Proof.
move=> X1 X2 Y1 Y2 uD u1 u2.
have [c ec] : exists c : C, cexp c = 2%:R by apply: cexp_surj; rewrite pnatr_eq0.
have c1 : cexp c != 1 by rewrite ec (eqr_nat _ 2 1).
have [_ [L eL]] := P4_logarithm u1 u2.
do 3!eexists; exact: explicit_solution uD u1 c1 eL.
Qed.

(* c := ln a. *)
Theorem paper_theorem : paper_theorem_statement R d.
Proof.
move=> X1 X2 Y1 Y2 a _ _ u1 u2 uD a0 a1.
have {}uD : X2 - X1 \in unitmx by rewrite -opprB -scaleN1r unitmxZ ?unitrN1.
have ec : cexp (ln a)%:C = a%:C.
  by rewrite /cexp /= cos0 sin0 mulr0 mulr1 lnK // posrE.
have c1 : cexp (ln a)%:C != 1 by rewrite ec -[1]/(1%:C) (inj_eq (@complexI R)).
have [_ [L eL]] := P4_logarithm u1 u2.
do 3!eexists; split; last exact: explicit_solution uD u1 c1 eL.
by rewrite -ec; apply: P2_first_layer; apply: P1_shift uD.
Qed.
End Construction.
