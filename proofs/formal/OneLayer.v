(******************************************************************************)
(* B1: when does one layer Y = W X fit both equations?  Side by side they are *)
(* W [X1 X2] = [Y1 Y2], which has a solution iff the rows of [Y1 Y2] lie in   *)
(* the row space of [X1 X2], that is, iff they do not raise its rank.         *)
(******************************************************************************)
From mathcomp Require Import all_ssreflect all_algebra complex.
From mathcomp Require Import reals.
From DeepExpExact Require Import Statements.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.
Local Open Scope complex_scope.

Section OneLayer.
Variables (R : realType) (d : nat).

Theorem B1_one_layer_rank : B1_one_layer_rank_statement R d.
Proof.
move=> X1 X2 Y1 Y2; set X := row_mx X1 X2; set Y := row_mx Y1 Y2.
have XY : (X <= X + Y)%MS := addsmxSl X Y.
rewrite -addsmxE; split=> [[W [e1 e2]]|e].
  have YX : (Y <= X)%MS by apply/submxP; exists W; rewrite mul_mx_row e1 e2.
  by apply: eqmx_rank; rewrite XY addsmx_sub submx_refl YX.
have : (Y <= X)%MS.
  have /eqmxP eXY : (X == X + Y)%MS by rewrite -(geq_leqif (mxrank_leqif_eq XY)) -e.
  by rewrite eXY addsmxSr.
by case/submxP=> W; rewrite mul_mx_row => /eq_row_mx[e1 e2]; exists W.
Qed.

Theorem B1_one_layer : B1_one_layer_statement R d.
Proof.
move=> X1 X2 Y1 Y2 u1 u2; split=> [[W [<- <-]]|e].
  by rewrite !mulmxK.
by exists (Y1 *m invmx X1); rewrite {2}e !mulmxKV.
Qed.
End OneLayer.
