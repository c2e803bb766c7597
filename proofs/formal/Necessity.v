(******************************************************************************)
(* What a solution forces, and when there is one.                             *)
(*                                                                            *)
(* N1: f(X1) and f(X2) are W3 times an invertible matrix, so both have the    *)
(* column space of W3.  N2: one input has one output.                         *)
(* Converse of N1 for invertible D = X2 - X1: matrices with the same column   *)
(* space are Y1 and Y2 = Y1 G with G invertible (`right_factor`); then the    *)
(* construction for the outputs I and G, with W3 multiplied by Y1 from the    *)
(* left, gives Y1 and Y1 G.                                                   *)
(******************************************************************************)
From mathcomp Require Import all_ssreflect all_algebra complex.
From mathcomp Require Import reals.
From DeepExpExact Require Import Statements ScalarExponential Construction.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.
Local Open Scope complex_scope.

Section Necessity.
Variables (R : realType) (d : nat).
Local Notation C := R[i].
Local Notation M := 'M[C]_d.+1.

(* Multiplying by an invertible matrix from the right keeps the column space. *)
Lemma same_column_space_mulr (W E1 E2 : M) : E1 \in unitmx -> E2 \in unitmx ->
  same_column_space (W *m E1) (W *m E2).
Proof.
move=> u1 u2 v; split=> -[u ->].
  by exists (invmx E2 *m (E1 *m u)); rewrite -!mulmxA mulKVmx.
by exists (invmx E1 *m (E2 *m u)); rewrite -!mulmxA mulKVmx.
Qed.

Theorem N1_same_column_space : N1_same_column_space_statement R d.
Proof.
move=> X1 X2 Y1 Y2 [W1 [W2 [W3 [<- <-]]]].
by apply: same_column_space_mulr; exact: exp_unit.
Qed.

Theorem N2_equal_inputs : N2_equal_inputs_statement R d.
Proof. by move=> X1 X2 Y1 Y2 -> [W1 [W2 [W3 [<- <-]]]]. Qed.

(* One inclusion of column spaces, as an inclusion of row spaces of the transposes. *)
Lemma column_sub (A B : M) :
  (forall v : 'cV[C]_d.+1, (exists u, v = A *m u) -> exists u, v = B *m u) ->
  (A^T <= B^T)%MS.
Proof.
move=> h; apply/row_subP => i.
have [|u e] := h (col i A); first by exists (delta_mx i 0); rewrite colE.
by apply/submxP; exists u^T; rewrite -trmx_mul -e tr_col.
Qed.

Lemma right_factor (A B : M) : same_column_space A B ->
  exists2 G : M, G \in unitmx & B = A *m G.
Proof.
move=> h; have /eqmxMunitP[G uG e] : (B^T == A^T)%MS.
  by apply/andP; split; apply: column_sub => v; case: (h v).
exists G^T; first by rewrite unitmx_tr.
by apply: trmx_inj; rewrite trmx_mul trmxK.
Qed.

Theorem solvable_iff_same_column_space : solvable_iff_same_column_space_statement R d.
Proof.
move=> X1 X2 Y1 Y2 uD; split; first exact: N1_same_column_space.
case/right_factor=> G uG ->.
have [W1 [W2 [W3 [e1 e2]]]] := solution_exists uD (unitmx1 _ _) uG.
have h X : network W1 W2 (Y1 *m W3) X = Y1 *m network W1 W2 W3 X.
  by rewrite /network mulmxA.
by exists W1, W2, (Y1 *m W3); split; rewrite h ?e1 ?e2 ?mulmx1.
Qed.
End Necessity.
