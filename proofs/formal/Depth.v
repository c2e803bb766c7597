(******************************************************************************)
(* N3: two layers do not suffice.  For X1 = diag(I, 0) and X2 = I - X1 let V  *)
(* be the first rows of I and V' its first columns: V V' = I, V' V = X1.      *)
(* Then V (- W X1) = - (V W V') V and (W X2) V' = 0, so the leading block V   *)
(* exp(- W X1) exp(W X2) V' is exp(- V W V') (`exp_intertwine`, `exp_fix`). A *)
(* permutation matrix with a zero column in that block is out of reach.       *)
(******************************************************************************)
From mathcomp Require Import all_ssreflect all_algebra complex.
From mathcomp Require Import fingroup perm reals.
From DeepExpExact Require Import Statements ScalarExponential Construction Intertwining.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.
Local Open Scope complex_scope.
Section Depth.
Variables (R : realType) (d : nat).
Local Notation C := R[i].
Local Notation M := 'M[C]_d.+1.

Lemma leading_pid r : (r <= d.+1)%N -> leading r (1 : M) = 1%:M.
Proof. by move=> h; rewrite /leading mulmx1 mul_pid_mx !minnn (minn_idPr h) pid_mx_1. Qed.

Theorem N3_leading_block : N3_leading_block_statement R d.
Proof.
move=> r W rd X1 X2 E.
pose V : 'M[C]_(r.+1, d.+1) := pid_mx r.+1.
pose V' : 'M[C]_(d.+1, r.+1) := pid_mx r.+1.
have VV' : V *m V' = 1%:M by have := @leading_pid r.+1 (leqW rd); rewrite /leading mulmx1.
have eX1 : X1 = V' *m V by rewrite mul_pid_mx !minnn.
have e1 : V *m - (W *m X1) = - leading r.+1 W *m V.
  by rewrite /leading eX1 mulmxN mulNmx !mulmxA.
have X2V' : W *m X2 *m V' = 0.
  by rewrite -mulmxA /X2 mulmxBl mul1mx eX1 -mulmxA VV' mulmx1 subrr mulmx0.
have e : leading r.+1 E = expM (- leading r.+1 W).
  rewrite {1}/leading /E -/V -/V' -!mulmxA (exp_fix X2V') mulmxA.
  by rewrite (exp_intertwine e1) -mulmxA VV' mulmx1.
by split=> //; rewrite e exp_unit.
Qed.

(* I - 2 J is its own inverse. *)
Lemma reflection_unit (J : M) : J *m J = J -> 1 - J - J \in unitmx.
Proof.
move=> JJ; set X := 1 - J - J.
have XJ : X *m J = - J by rewrite /X !mulmxBl mul1mx JJ subrr sub0r.
suff e : X *m X = 1%:M by have [] := mulmx1_unit e.
by rewrite {2}/X !mulmxBr mulmx1 XJ opprK addrC /X subrK addrC subrK.
Qed.

Theorem N3_two_layers : N3_two_layers_statement R d.
Proof.
move=> r rd X1 X2 Y1 Y2.
have X11 : X1 *m X1 = X1 by rewrite mul_pid_mx !minnn (minn_idPr _) // leqW.
have uD : X2 - X1 \in unitmx by exact: reflection_unit.
have u1 : Y1 \in unitmx by exact: unitmx1.
have u2 : Y2 \in unitmx by exact: unitmx_perm.
split=> //; last exact: solution_exists.
case=> W1 [W2 [e1 e2]].
pose E := expM (- (W1 *m X1)) *m expM (W1 *m X2).
have eE : E = Y2.
  rewrite /E -e2 /two_layers; have [uA iA] := P3_inverse (W1 *m X1).
  rewrite -iA; congr (_ *m _).
  by rewrite -[LHS]mul1mx -[1%:M]/Y1 -e1 mulmxK.
have [_] := N3_leading_block W1 rd; rewrite -/X1 -/X2 -/E eE => uL.
have e0 i : leading r.+1 Y2 i 0 = 0.
  rewrite mxE big1 // => k _; case: (eqVneq k 0) => [->|k0]; last first.
    by rewrite [pid_mx _ k 0]mxE -(inj_eq val_inj) /= in k0 *; rewrite (negbTE k0) mulr0.
  rewrite [X in X * _]mxE big1 ?mul0r // => l _.
  rewrite !mxE; case: eqP => [il|_]; last by rewrite mul0r.
  rewrite (ltn_ord i); case: tpermP => [_|lm|/eqP l0 _].
  - suff /negbTE -> : (ord_max : 'I_d.+1) != 0 by rewrite mulr0.
    by rewrite -(inj_eq val_inj) /= -lt0n (leq_ltn_trans _ rd).
  - by have := ltn_ord i; rewrite il lm /= ltnS leqNgt rd.
  - by rewrite (negbTE l0) mulr0.
have uL0 : leading r.+1 Y2 *m delta_mx 0 0 = 0 :> 'cV_r.+1.
  by apply/matrixP => i j; rewrite -colE [LHS]mxE e0 mxE.
have := congr1 (mulmx (invmx (leading r.+1 Y2))) uL0; rewrite mulKmx // mulmx0 => /matrixP/(_ 0 0).
by rewrite !mxE => /eqP; rewrite oner_eq0.
Qed.
End Depth.
