(******************************************************************************)
(* What is proved.  This file holds every definition and every statement that *)
(* has to be believed; it contains no proof.  Each statement named            *)
(* `NAME_statement` is proved as the theorem `NAME` in another file.          *)
(*                                                                            *)
(* How to read it:                                                            *)
(*   R               the real numbers (any complete ordered archimedean field)*)
(*   C = R[i]        the complex numbers; Complex x y is x + i y, and x%:C is *)
(*                   the real number x as a complex number                    *)
(*   M = 'M[C]_d.+1  the square complex matrices of size d + 1, d = 0, 1, ... *)
(*   A *m B          the matrix product            a *: A   scalar times A    *)
(*   a%:M            a times the identity          1        the identity      *)
(*   A ^+ n          the n-th power                n`!%:R   n factorial       *)
(*   invmx A         the inverse of A              A \in unitmx  A invertible *)
(*   \rank A         the rank; row_mx A B is [A B] and col_mx A B is [A; B]   *)
(*   a^-1            1 / a                                                    *)
(*   u --> l         the sequence u tends to l     lim u    the limit of u    *)
(*   'cV[C]_d.+1     column vectors of size d + 1  x *+ 2   x + x             *)
(*   n%:R, n%:~R     a natural number or integer n as an element of R or C    *)
(*   diag_mx r       the diagonal matrix with diagonal r;  \row_j a j  a row  *)
(*   horner_mx K q   the polynomial q at the matrix K                         *)
(*   [/\ P, Q & S]   P and Q and S;  a let-in names a term in what follows    *)
(* The size d + 1 takes every value from 1 on.  Size 0 needs no proof: all    *)
(* matrices of size 0 are equal, so every equation between them holds.        *)
(******************************************************************************)
From mathcomp Require Import all_ssreflect all_algebra complex.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp Require Import reals signed topology normedtype sequences exp trigo.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Def Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope complex_scope.

(******************************************************************************)
(* Definitions                                                                *)
(******************************************************************************)
Section Definitions.
Variables (R : realType) (d : nat).
Local Notation C := R[i].
Local Notation M := 'M[C]_d.+1.
Local Notation Complex := (@complex.Complex R).
Local Notation Re := (@complex.Re R).
Local Notation Im := (@complex.Im R).

(* The n-th term A^n / n! of the exponential series, and the sum of the first n terms. *)
Definition exp_term (A : M) (n : nat) : M := (n`!%:R)^-1 *: A ^+ n.
Definition exp_sum (A : M) (n : nat) : M := \sum_(k < n) exp_term A k.

(* The matrix exponential: entry by entry, the limit of these sums.  That the limits exist
   is proved (`exp_converges_statement`); `lim` of a divergent sequence would be arbitrary. *)
Definition expM (A : M) : M := \matrix_(i, j)
  Complex (lim (fun n => Re (exp_sum A n i j))) (lim (fun n => Im (exp_sum A n i j))).

(* The exponential of a complex number: e^(x + iy) = e^x cos y + i e^x sin y. *)
Definition cexp (c : C) : C :=
  Complex (expR (Re c) * cos (Im c)) (expR (Re c) * sin (Im c)).

(* 2 pi i *)
Definition two_pi_i : C := Complex 0 (pi *+ 2).

(* The network f(X) = W3 exp(W2 exp(W1 X)), and what it means to solve its two equations. *)
Definition network (W1 W2 W3 X : M) : M := W3 *m expM (W2 *m expM (W1 *m X)).

Definition fits (X1 X2 Y1 Y2 W1 W2 W3 : M) : Prop :=
  network W1 W2 W3 X1 = Y1 /\ network W1 W2 W3 X2 = Y2.

Definition solvable (X1 X2 Y1 Y2 : M) : Prop :=
  exists W1 W2 W3 : M, fits X1 X2 Y1 Y2 W1 W2 W3.

(* A and B have the same column space: the vectors A u are the vectors B u. *)
Definition same_column_space (A B : M) : Prop :=
  forall v : 'cV[C]_d.+1, (exists u, v = A *m u) <-> (exists u, v = B *m u).

(* N is diagonalisable and its eigenvalues are integers: N = P diag(n) P^-1. *)
Definition integer_diagonalisable (N : M) : Prop :=
  exists (P : M) (n : 'I_d.+1 -> int),
    P \in unitmx /\ N = P *m diag_mx (\row_j (n j)%:~R) *m invmx P.
End Definitions.

(******************************************************************************)
(* Statements                                                                 *)
(******************************************************************************)
Section Statements.
Variables (R : realType) (d : nat).
Local Notation C := R[i].
Local Notation M := 'M[C]_d.+1.
Local Notation Re := (@complex.Re R).
Local Notation Im := (@complex.Im R).

(* ---- The exponential is the exponential ---- *)

(* The series converges, in every entry, to expM A. *)
Definition exp_converges_statement : Prop := forall (A : M) i j,
  ((fun n => Re (exp_sum A n i j)) --> Re (expM A i j)) /\
  ((fun n => Im (exp_sum A n i j)) --> Im (expM A i j)).

(* exp(A + B) = exp(A) exp(B) for commuting A and B. *)
Definition exp_add_statement : Prop := forall A B : M,
  A *m B = B *m A -> expM (A + B) = expM A *m expM B.

(* exp(c I) = e^c I, so that cexp is the exponential series too. *)
Definition exp_scalar_statement : Prop := forall c : C,
  expM (c%:M : M) = (cexp c)%:M.

(* ---- The steps of the construction ---- *)

(* P1 shift: W1 := c (X2 - X1)^-1 gives W1 X2 = W1 X1 + c I. *)
Definition P1_shift_statement : Prop := forall (X1 X2 : M) (c : C),
  X2 - X1 \in unitmx ->
  let W1 := c *: invmx (X2 - X1) in
  W1 *m X2 = W1 *m X1 + c%:M.

(* P2 first layer: then exp(W1 X2) = e^c exp(W1 X1). *)
Definition P2_first_layer_statement : Prop := forall (X1 X2 W1 : M) (c : C),
  W1 *m X2 = W1 *m X1 + c%:M ->
  expM (W1 *m X2) = cexp c *: expM (W1 *m X1).

(* P3 inverse: exp(B) is invertible and its inverse is exp(-B)   (used with B = W1 X1). *)
Definition P3_inverse_statement : Prop := forall B : M,
  expM B \in unitmx /\ invmx (expM B) = expM (- B).

(* P4 logarithm: K := Y1^-1 Y2 is invertible and has a logarithm. *)
Definition P4_logarithm_statement : Prop := forall Y1 Y2 : M,
  Y1 \in unitmx -> Y2 \in unitmx ->
  let K := invmx Y1 *m Y2 in
  K \in unitmx /\ exists L : M, expM L = K.

(* P5 second layer: with A1 = exp(W1 X1) invertible and A2 = exp(W1 X2) = a A1, a <> 1,
   Z := L / (a - 1) and W2 := Z A1^-1 give W2 A1 = Z and W2 A2 = a Z. *)
Definition P5_second_layer_statement : Prop := forall (A1 A2 L : M) (a : C),
  A1 \in unitmx -> A2 = a *: A1 -> a != 1 ->
  let Z := (a - 1)^-1 *: L in
  let W2 := Z *m invmx A1 in
  W2 *m A1 = Z /\ W2 *m A2 = a *: Z.

(* P6 telescope: exp(a Z) = exp(Z) exp((a - 1) Z) = exp(Z) K, where exp(L) = K. *)
Definition P6_telescope_statement : Prop := forall (K L : M) (a : C),
  expM L = K -> a != 1 ->
  let Z := (a - 1)^-1 *: L in
  expM (a *: Z) = expM Z *m expM ((a - 1) *: Z) /\
  expM (a *: Z) = expM Z *m K.

(* P7 outputs: W3 := Y1 exp(-Z) gives W3 exp(Z) = Y1 and W3 exp(a Z) = Y1 K = Y2. *)
Definition P7_outputs_statement : Prop := forall (Y1 Y2 Z : M) (a : C),
  Y1 \in unitmx ->
  let K := invmx Y1 *m Y2 in
  expM (a *: Z) = expM Z *m K ->
  let W3 := Y1 *m expM (- Z) in
  W3 *m expM Z = Y1 /\ W3 *m expM (a *: Z) = Y2.

(* ---- The theorem ---- *)

(* The construction.  Any c with e^c <> 1 and any logarithm L of Y1^-1 Y2 may be taken;
   that there is one, for invertible Y1 and Y2, is P4. *)
Definition explicit_solution_statement : Prop :=
  forall (X1 X2 Y1 Y2 L : M) (c : C),
  X2 - X1 \in unitmx -> Y1 \in unitmx ->
  cexp c != 1 -> expM L = invmx Y1 *m Y2 ->
  let W1 := c *: invmx (X2 - X1) in
  let A := expM (W1 *m X1) in
  let Z := (cexp c - 1)^-1 *: L in
  let W2 := Z *m invmx A in
  let W3 := Y1 *m expM (- Z) in
  fits X1 X2 Y1 Y2 W1 W2 W3.

(* The theorem: if D = X2 - X1, Y1 and Y2 are invertible, both equations can be solved. *)
Definition solution_exists_statement : Prop := forall X1 X2 Y1 Y2 : M,
  X2 - X1 \in unitmx -> Y1 \in unitmx -> Y2 \in unitmx ->
  solvable X1 X2 Y1 Y2.

(* As in the paper: all four matrices and X1 - X2 invertible, and a real a > 0 other than 1.
   The first layer then takes X2 to a times what it takes X1 to. *)
Definition paper_theorem_statement : Prop := forall (X1 X2 Y1 Y2 : M) (a : R),
  X1 \in unitmx -> X2 \in unitmx -> Y1 \in unitmx -> Y2 \in unitmx ->
  X1 - X2 \in unitmx -> 0 < a -> a != 1 ->
  exists W1 W2 W3 : M,
    expM (W1 *m X2) = a%:C *: expM (W1 *m X1) /\ fits X1 X2 Y1 Y2 W1 W2 W3.

(* For D invertible and any Y1, Y2: solvable if and only if the column spaces agree. *)
Definition solvable_iff_same_column_space_statement : Prop := forall X1 X2 Y1 Y2 : M,
  X2 - X1 \in unitmx ->
  (solvable X1 X2 Y1 Y2 <-> same_column_space Y1 Y2).

(* ---- What cannot be done ---- *)

(* N1: if a solution exists (for any X1, X2), Y1 and Y2 have the same column space. *)
Definition N1_same_column_space_statement : Prop := forall X1 X2 Y1 Y2 : M,
  solvable X1 X2 Y1 Y2 -> same_column_space Y1 Y2.

(* N2: if X1 = X2, a solution forces Y1 = Y2. *)
Definition N2_equal_inputs_statement : Prop := forall X1 X2 Y1 Y2 : M,
  X1 = X2 -> solvable X1 X2 Y1 Y2 -> Y1 = Y2.

(* B1, one layer Y = W X: both equations hold for some W iff rank [X1 X2] is
   rank [X1 X2; Y1 Y2]; *)
Definition B1_one_layer_rank_statement : Prop := forall X1 X2 Y1 Y2 : M,
  (exists W : M, W *m X1 = Y1 /\ W *m X2 = Y2) <->
  \rank (row_mx X1 X2) = \rank (col_mx (row_mx X1 X2) (row_mx Y1 Y2)).

(* for X1 and X2 invertible, iff Y1 X1^-1 = Y2 X2^-1; *)
Definition B1_one_layer_statement : Prop := forall X1 X2 Y1 Y2 : M,
  X1 \in unitmx -> X2 \in unitmx ->
  ((exists W : M, W *m X1 = Y1 /\ W *m X2 = Y2) <->
   Y1 *m invmx X1 = Y2 *m invmx X2).

(* ---- All logarithms ---- *)

(* Let L0 be a logarithm of K that is a polynomial in K.  Such an L0 exists for every
   invertible K, and the logarithms of K are L0 + 2 pi i N with N commuting with K,
   diagonalisable, and with integer eigenvalues. *)
Definition all_logarithms_statement : Prop := forall K : M, K \in unitmx ->
  (exists q : {poly C}, expM (horner_mx K q) = K) /\
  forall q : {poly C}, let L0 := horner_mx K q in expM L0 = K ->
  forall L : M, expM L = K <->
    exists N : M, [/\ N *m K = K *m N, integer_diagonalisable N &
                      L = L0 + two_pi_i R *: N].
End Statements.
