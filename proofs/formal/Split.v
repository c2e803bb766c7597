(******************************************************************************)
(* `split`, from a block to W1: the two inputs relative to X1 + s D (Q0), W1  *)
(* X1 and W1 X2 as a block and a rest that annihilate each other (Q1), the    *)
(* exponential of such a sum (Q2, by `exp_intertwine`), and the first layer   *)
(* (Q3): on the block by hypothesis, on the rest by adding c I as in P2.      *)
(******************************************************************************)
From mathcomp Require Import all_ssreflect all_algebra complex.
From mathcomp Require Import reals.
From DeepExpExact Require Import Statements MatrixExponential ScalarExponential Intertwining.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.
Local Open Scope complex_scope.

Section Split.
Variables (R : realType) (d : nat).
Local Notation C := R[i].
Local Notation M := 'M[C]_d.+1.

Theorem Q0_reference : Q0_reference_statement R d.
Proof.
move=> X1 X2 s u F; rewrite !mulmxDr !mulmx1 mulmxN -!scalemxAr /F mulKVmx //.
rewrite /reference; split; first by rewrite addrK.
by rewrite scalerBl scale1r -addrA [_ *: _ + _]addrC subrK addrC subrK.
Qed.

Theorem Q1_splitting : Q1_splitting_statement R d.
Proof.
move=> q X1 X2 s c B Y T [u YB cF uH] W1 N.
set F := pencil_matrix X1 X2 s in cF uH N *; set P := B *m Y in cF uH N *.
have PP : P *m P = P by rewrite /P mulmxA -[B *m Y *m B]mulmxA YB mulmx1.
have PB : P *m B = B by rewrite /P -mulmxA YB mulmx1.
have YP : Y *m P = Y by rewrite /P mulmxA YB mul1mx.
have [e1 e2] := Q0_reference u; rewrite -/F in e1 e2.
have YF : Y *m F = Y *m F *m B *m Y.
  by rewrite -mulmxA -/P -mulmxA -cF mulmxA YP.
have YA1 : Y *m (1 - s *: F) = block_A1 X1 X2 s B Y *m Y.
  by rewrite mulmxBr mulmx1 -scalemxAr mulmxBl mul1mx -scalemxAl -YF.
have YA2 : Y *m (1 + (1 - s) *: F) = block_A2 X1 X2 s B Y *m Y.
  by rewrite mulmxDr mulmx1 -scalemxAr mulmxDl mul1mx -scalemxAl -YF.
set H := complement X1 X2 s B Y in uH.
have HP : H *m P = P.
  by rewrite /H /complement mulmxDl PP -mulmxA mulmxBl mul1mx PP subrr mulmx0 add0r.
have PH : P *m H = P.
  rewrite /H /complement mulmxDr PP mulmxA -/P cF -mulmxA mulmxBr mulmx1 PP subrr.
  by rewrite mulmx0 add0r.
have iHP : invmx H *m P = P by rewrite -[in LHS]HP mulKmx.
have PiH : P *m invmx H = P by rewrite -[in LHS]PH mulmxK.
have iHF : invmx H *m (1 - P) *m F = 1 - P.
  have -> : invmx H *m (1 - P) *m F = invmx H *m (H - P).
    rewrite -mulmxA; congr (_ *m _); rewrite /H /complement -/P addrK.
    by rewrite mulmxBl mulmxBr mul1mx mulmx1 cF.
  by rewrite mulmxBr mulVmx // iHP.
have eW A : W1 *m (reference X1 X2 s *m A) =
    B *m T *m (Y *m A) + c *: (invmx H *m (1 - P) *m A).
  by rewrite /W1 /split_weight mulmxA mulmxKV // mulmxDl -scalemxAl -!mulmxA.
split.
- by rewrite [in LHS]e1 eW YA1 !mulmxA /N -scalemxAl.
- rewrite [in LHS]e2 eW YA2 !mulmxA -addrA; congr (_ + _).
  have -> : 1 + (1 - s) *: F = (1 - s *: F) + F.
    by rewrite scalerBl scale1r addrA addrAC.
  by rewrite mulmxDr iHF scalerDr /N -scalemxAl.
- have cB : (1 - s *: F) *m B = P *m ((1 - s *: F) *m B).
    have cP : P *m (1 - s *: F) = (1 - s *: F) *m P.
      by rewrite mulmxBr mulmxBl mulmx1 mul1mx -scalemxAr -scalemxAl cF.
    by rewrite mulmxA cP -mulmxA PB.
  have RP : split_rest X1 X2 s B Y c *m P = 0.
    rewrite /split_rest -/F -/H -/P -scalemxAl -mulmxA mulmxBl mul1mx PP subrr.
    by rewrite mulmx0 scaler0.
  by rewrite /N -mulmxA cB mulmxA RP mul0mx.
- have YR : Y *m split_rest X1 X2 s B Y c = 0.
    rewrite /split_rest -/F -/H -/P -scalemxAr -YP -mulmxA [P *m _]mulmxA PiH.
    by rewrite mulmxBr mulmx1 PP subrr mulmx0 scaler0.
  by rewrite /N mulmxA YR mul0mx.
Qed.

Theorem Q2_block_exponential : Q2_block_exponential_statement R d.
Proof.
move=> q B Y T N YB NB YN; set E := B *m T *m Y + N.
have EB : B *m T = E *m B by rewrite mulmxDl NB addr0 -mulmxA YB mulmx1.
have EP : (1 - B *m Y) *m N = E *m (1 - B *m Y).
  rewrite mulmxBl mul1mx -mulmxA YN mulmx0 subr0 mulmxBr mulmx1 mulmxA.
  by rewrite -EB /E addrAC subrr add0r.
have NP : (1 - B *m Y) *m N = N *m (1 - B *m Y).
  by rewrite mulmxBl mulmxBr mul1mx mulmx1 -mulmxA YN mulmx0 mulmxA NB mul0mx.
rewrite -(exp_intertwine NP) (exp_intertwine EP) (exp_intertwine EB).
by rewrite -mulmxA -mulmxDr addrC subrK mulmx1.
Qed.

Theorem Q3_first_layer : Q3_first_layer_statement R d.
Proof.
move=> q X1 X2 s c B Y T sp e W1.
have [e1 e2 NB YN] := Q1_splitting c T sp; have [_ YB _ _] := sp.
pose N := split_rest X1 X2 s B Y c *m (1 - s *: pencil_matrix X1 X2 s).
rewrite -/N in e1 e2 NB YN; rewrite e1 e2; clearbody N; set Q := 1 - B *m Y.
have QB : Q *m B = 0 by rewrite mulmxBl mul1mx -mulmxA YB mulmx1 subrr.
have YQ : Y *m Q = 0 by rewrite mulmxBr mulmx1 mulmxA YB mul1mx subrr.
have QN : Q *m N = N by rewrite mulmxBl mul1mx -mulmxA YN mulmx0 subr0.
have NQ : N *m Q = N by rewrite mulmxBr mulmx1 mulmxA NB mul0mx subr0.
have QQ : Q *m Q = Q by rewrite {2}/Q mulmxBr mulmx1 mulmxA QB mul0mx subr0.
rewrite -addrA !Q2_block_exponential //; first last.
- by rewrite mulmxDr YN -scalemxAr YQ scaler0 addr0.
- by rewrite mulmxDl NB -scalemxAl QB scaler0 addr0.
rewrite e -/Q [RHS]scalerDr -scalemxAr -scalemxAl; congr (_ + _).
rewrite exp_add; last by rewrite -scalemxAr -scalemxAl NQ QN.
rewrite -mulmxA [RHS]scalemxAr; congr (_ *m _).
have cQ : Q *m (c%:M : M) = (c *: Q) *m Q by rewrite mul_mx_scalar -scalemxAl QQ.
by rewrite -(exp_intertwine cQ) exp_scalar mul_mx_scalar.
Qed.
End Split.
