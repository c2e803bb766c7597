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
(*   'M[C]_(m, n)    the m x n matrices        0, 1%:M  zero and identity     *)
(*   pid_mx r        ones in the first r places of the diagonal, else 0; also *)
(*                   rectangular: the first r rows or columns of I            *)
(*   \det A          the determinant           \sum_j, \prod_j  sum, product  *)
(*   is_scalar_mx A  A is a multiple of I      injective g  all g j differ    *)
(*   block_mx A B C D  is [A B; C D]           tperm_mx i j  exchanges i, j   *)
(*   ord_max         the last index, here d    r.+1     r + 1                 *)
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
Section Triangular.
Variables (F : ringType) (n : nat).
Definition lower_triangular (T : 'M[F]_n) : Prop := forall i j : 'I_n, (i < j)%N -> T i j = 0.
Definition upper_triangular (T : 'M[F]_n) : Prop := forall i j : 'I_n, (j < i)%N -> T i j = 0.
Definition unit_lower (T : 'M[F]_n) : Prop := lower_triangular T /\ forall i, T i i = 1.
End Triangular.

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

(* The two-layer network W2 exp(W1 X), and the leading r x r block of a matrix. *)
Definition two_layers (W1 W2 X : M) : M := W2 *m expM (W1 *m X).
Definition leading r (A : M) : 'M[C]_r := pid_mx r *m A *m pid_mx r.

(* ---- The construction `split` ---- *)

(* X1 + s D with D = X2 - X1; regular: it is invertible for some s, that is,
   det(X1 + z D) is not identically 0.  F := (X1 + s D)^-1 D. *)
Definition reference (X1 X2 : M) (s : C) : M := X1 + s *: (X2 - X1).
Definition regular_pencil (X1 X2 : M) : Prop := exists s : C, reference X1 X2 s \in unitmx.
Definition pencil_matrix (X1 X2 : M) (s : C) : M := invmx (reference X1 X2 s) *m (X2 - X1).

(* A block of size q: B (its columns) and Y (its rows) with Y B = I, so that B Y is a
   projector.  It splits F off if B Y commutes with F and F is invertible on the rest, that
   is, H := F (I - B Y) + B Y is invertible. *)
Section Block.
Variables (q : nat) (X1 X2 : M) (s : C) (B : 'M[C]_(d.+1, q)) (Y : 'M[C]_(q, d.+1)).
Let F := pencil_matrix X1 X2 s.
Definition complement : M := F *m (1 - B *m Y) + B *m Y.
Definition splits : Prop :=
  [/\ reference X1 X2 s \in unitmx, Y *m B = 1%:M, B *m Y *m F = F *m (B *m Y) &
      complement \in unitmx].

(* X1 and X2 on the block, relative to X1 + s D, where Y F B is F on the block *)
Definition block_A1 : 'M[C]_q := 1%:M - s *: (Y *m F *m B).
Definition block_A2 : 'M[C]_q := 1%:M + (1 - s) *: (Y *m F *m B).

(* W1 = (B T Y + c H^-1 (I - B Y)) (X1 + s D)^-1: T on the block, the shift on the rest *)
Definition split_rest (c : C) : M := c *: (invmx complement *m (1 - B *m Y)).
Definition split_weight (c : C) (T : 'M[C]_q) : M :=
  (B *m T *m Y + split_rest c) *m invmx (reference X1 X2 s).
End Block.

(* A block to which Q5 or Q5' applies: X1 is invertible on it and A1^-1 A2 is not scalar. *)
Definition admissible (X1 X2 : M) : Prop :=
  exists s q (B : 'M[C]_(d.+1, q.+1)) (Y : 'M[C]_(q.+1, d.+1)),
  let A1 := block_A1 X1 X2 s B Y in let A2 := block_A2 X1 X2 s B Y in
  [/\ splits X1 X2 s B Y, A1 \in unitmx & ~~ is_scalar_mx (invmx A1 *m A2)].
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

(* ---- Two layers do not suffice ---- *)

(* N3: let X1 = diag(I, 0) with r + 1 ones, not all, and X2 = I - X1.  For every W the leading
   block of exp(-W X1) exp(W X2) is exp(-W11), W11 the leading block of W: it is invertible. *)
Definition N3_leading_block_statement : Prop := forall (r : nat) (W : M), (r < d)%N ->
  let X1 : M := pid_mx r.+1 in let X2 : M := 1 - X1 in
  let E := expM (- (W *m X1)) *m expM (W *m X2) in
  leading r.+1 E = expM (- leading r.+1 W) /\ leading r.+1 E \in unitmx.

(* So with Y1 = I and Y2 the exchange of the first and the last coordinate there is no
   two-layer network, though D, Y1, Y2 are invertible and there is a three-layer one. *)
Definition N3_two_layers_statement : Prop := forall r : nat, (r < d)%N ->
  let X1 : M := pid_mx r.+1 in let X2 : M := 1 - X1 in
  let Y1 : M := 1 in let Y2 : M := tperm_mx 0 ord_max in
  [/\ X2 - X1 \in unitmx, Y1 \in unitmx, Y2 \in unitmx,
      ~ (exists W1 W2 : M, two_layers W1 W2 X1 = Y1 /\ two_layers W1 W2 X2 = Y2) &
      solvable X1 X2 Y1 Y2].

(* ---- The completion: Y1 K = Y2 for Y1, Y2 of any rank ---- *)

(* S1: the column spaces agree iff rank Y1 = rank Y2 = rank [Y1 Y2]. *)
Definition S1_rank_test_statement : Prop := forall Y1 Y2 : M,
  (\rank Y1 = \rank Y2 /\ \rank (row_mx Y1 Y2) = \rank Y1) <-> same_column_space Y1 Y2.

(* S2: K := I + S (C1 S)^-1 (C2 - C1), where Yi = B Ci. *)
Definition S2_completion_statement : Prop :=
  forall r (Y1 Y2 : M) (B S : 'M[C]_(d.+1, r)) (C1 C2 : 'M[C]_(r, d.+1)),
  Y1 = B *m C1 -> Y2 = B *m C2 -> C1 *m S \in unitmx -> C2 *m S \in unitmx ->
  let K : M := 1 + S *m invmx (C1 *m S) *m (C2 - C1) in
  [/\ Y1 *m K = Y2, \det K = \det (C2 *m S) / \det (C1 *m S),
      K \in unitmx & (\rank (K - 1)%R <= r)%N].

(* S3: one S serves both C1 and C2 of full row rank; *)
Definition S3_completion_exists_statement : Prop := forall r (C1 C2 : 'M[C]_(r, d.+1)),
  \rank C1 = r -> \rank C2 = r ->
  exists S : 'M[C]_(d.+1, r), C1 *m S \in unitmx /\ C2 *m S \in unitmx.

(* and for equal column spaces there are such B, C1, C2 and S. *)
Definition completion_data_statement : Prop := forall Y1 Y2 : M,
  same_column_space Y1 Y2 ->
  exists r (B S : 'M[C]_(d.+1, r)) (C1 C2 : 'M[C]_(r, d.+1)),
  [/\ Y1 = B *m C1, Y2 = B *m C2, C1 *m S \in unitmx & C2 *m S \in unitmx].

(* ---- The steps of `split` ---- *)

(* Q0 reference: X1 = (X1 + s D) (I - s F) and X2 = (X1 + s D) (I + (1 - s) F). *)
Definition Q0_reference_statement : Prop := forall (X1 X2 : M) (s : C),
  reference X1 X2 s \in unitmx ->
  let F := pencil_matrix X1 X2 s in
  X1 = reference X1 X2 s *m (1 - s *: F) /\ X2 = reference X1 X2 s *m (1 + (1 - s) *: F).

(* Q1 splitting: W1 X1 and W1 X2 are a block and a rest N, or N + c (I - B Y). *)
Definition Q1_splitting_statement : Prop :=
  forall q (X1 X2 : M) (s c : C) (B : 'M[C]_(d.+1, q)) (Y : 'M[C]_(q, d.+1)) (T : 'M[C]_q),
  splits X1 X2 s B Y ->
  let W1 := split_weight X1 X2 s B Y c T in
  let N := split_rest X1 X2 s B Y c *m (1 - s *: pencil_matrix X1 X2 s) in
  [/\ W1 *m X1 = B *m (T *m block_A1 X1 X2 s B Y) *m Y + N,
      W1 *m X2 = B *m (T *m block_A2 X1 X2 s B Y) *m Y + N + c *: (1 - B *m Y),
      N *m B = 0 & Y *m N = 0].

(* Q2 block exponential *)
Definition Q2_block_exponential_statement : Prop :=
  forall q (B : 'M[C]_(d.+1, q.+1)) (Y : 'M[C]_(q.+1, d.+1)) (T : 'M[C]_q.+1) (N : M),
  Y *m B = 1%:M -> N *m B = 0 -> Y *m N = 0 ->
  expM (B *m T *m Y + N) = B *m expM T *m Y + expM N *m (1 - B *m Y).

(* Q3 first layer: if exp(T A2) = e^c exp(T A1) on the block, exp(W1 X2) = e^c exp(W1 X1). *)
Definition Q3_first_layer_statement : Prop :=
  forall q (X1 X2 : M) (s c : C) (B : 'M[C]_(d.+1, q.+1)) (Y : 'M[C]_(q.+1, d.+1))
    (T : 'M[C]_q.+1),
  splits X1 X2 s B Y ->
  expM (T *m block_A2 X1 X2 s B Y) = cexp c *: expM (T *m block_A1 X1 X2 s B Y) ->
  let W1 := split_weight X1 X2 s B Y c T in
  expM (W1 *m X2) = cexp c *: expM (W1 *m X1).

(* Q4 triangular: P^-1 C1 P L = H U and W := P L Delta H^-1 P^-1, Delta = diag(mu), make W and
   W C1 similar, by P L, to lower and upper triangular matrices with diagonals mu and mu g. *)
Definition Q4_triangular_statement : Prop :=
  forall (P L H U C1 : M) (mu g : 'I_d.+1 -> C),
  P \in unitmx -> unit_lower L -> unit_lower H ->
  upper_triangular U -> (forall j, U j j = g j) ->
  invmx P *m C1 *m P *m L = H *m U ->
  let Delta := diag_mx (\row_j mu j) in
  let T := P *m L in
  let W := T *m Delta *m invmx H *m invmx P in
  let W' := invmx T *m W *m T in let U' := invmx T *m (W *m C1) *m T in
  (T \in unitmx /\ W' = Delta *m invmx H *m L /\ U' = Delta *m U) /\
  [/\ lower_triangular W', (forall j, W' j j = mu j),
      upper_triangular U' & (forall j, U' j j = mu j * g j)].

(* Q5 pivots: a matrix that is not scalar is similar to H U with prescribed pivots, if their
   product is its determinant; *)
Definition Q5_pivots_statement : Prop :=
  forall (C1 : M) (g : 'I_d.+1 -> C),
  ~~ is_scalar_mx C1 -> (forall j, g j != 0) -> \det C1 = \prod_j g j ->
  exists P H U : M,
    [/\ P \in unitmx, unit_lower H, upper_triangular U, (forall j, U j j = g j) &
        invmx P *m C1 *m P = H *m U].

(* Q5': a singular one with as many prescribed pivots as its rank, and then rows of zeros. *)
Definition Q5_pivots_singular_statement : Prop :=
  forall (C1 : M) (g : 'I_d.+1 -> C),
  C1 \notin unitmx -> (forall j, g j != 0) ->
  exists P H U : M,
    [/\ P \in unitmx, unit_lower H, upper_triangular U,
        (forall j : 'I_d.+1, (j < \rank C1)%N -> U j j = g j) /\
        (forall i j : 'I_d.+1, (\rank C1 <= i)%N -> U i j = 0) &
        invmx P *m C1 *m P = H *m U].

(* Q6 parameters: with d + 2 integers a_j and delta (det C1) not 0, the equation for m has a
   root, and at every root no mu_j = m + 2 pi i a_j and no tau_j = mu_j + c is 0, so that the
   product of the tau_j / mu_j is delta. *)
Definition Q6_parameters_statement : Prop :=
  forall (a : 'I_d.+2 -> int) (c delta : C), cexp c != 1 -> delta != 0 ->
  let mu m j := m + two_pi_i R * (a j)%:~R in
  let equation m := \prod_j (mu m j + c) = delta * \prod_j mu m j in
  (exists m, equation m) /\
  (forall m, equation m -> (forall j, mu m j != 0 /\ mu m j + c != 0) /\
     \prod_j ((mu m j + c) / mu m j) = delta).

(* Q7 scalar exponential: a triangular T with distinct diagonal entries, all with the same
   exponential e, has exp(T) = e I; and with W A1^-1 in the place of T of Q3 the two
   exponents there are W and W C1, C1 := A1^-1 A2. *)
Definition Q7_scalar_exponential_statement : Prop :=
  (forall (T : M) (e : C),
     lower_triangular T \/ upper_triangular T -> injective (fun j => T j j) ->
     (forall j, cexp (T j j) = e) -> expM T = e%:M) /\
  (forall W A1 A2 : M, A1 \in unitmx ->
     W *m invmx A1 *m A1 = W /\ W *m invmx A1 *m A2 = W *m (invmx A1 *m A2)).

(* Q7' singular block: rows of zeros below an invertible T11 with exp(T11) = I change nothing;
   and for m = -c every mu_j has e^mu_j = e^-c. *)
Definition Q7_singular_block_statement : Prop :=
  (forall n (T11 : M) (T12 : 'M[C]_(d.+1, n)),
     T11 \in unitmx -> expM T11 = 1 ->
     expM (block_mx T11 T12 0 0 : 'M[C]_((d + n).+1)) = 1) /\
  (forall (c : C) (a : int), cexp (- c + two_pi_i R * a%:~R) = (cexp c)^-1).

(* Q8 completeness: for a regular pencil with X1 <> X2 and D singular (else P1 applies) there
   is a block as Q5 or Q5' needs it, for X1, X2 or for X2, X1 (then with -c for c). *)
Definition Q8_completeness_statement : Prop := forall X1 X2 : M,
  X1 != X2 -> regular_pencil X1 X2 -> X2 - X1 \notin unitmx ->
  admissible X1 X2 \/ admissible X2 X1.

(* ---- The larger theorem ---- *)

(* The first layer, with any prescribed factor e^c <> 1. *)
Definition first_layer_exists_statement : Prop := forall (X1 X2 : M) (c : C),
  X1 != X2 -> regular_pencil X1 X2 -> cexp c != 1 ->
  exists W1 : M, expM (W1 *m X2) = cexp c *: expM (W1 *m X1).

(* For X1 <> X2 and det(X1 + z D) not identically 0, and any Y1, Y2: solvable if and only if
   the column spaces agree. *)
Definition solvable_iff_regular_statement : Prop := forall X1 X2 Y1 Y2 : M,
  X1 != X2 -> regular_pencil X1 X2 ->
  (solvable X1 X2 Y1 Y2 <-> same_column_space Y1 Y2).

(* The decision, for a regular pencil or X1 = X2: of the three outcomes at least one holds,
   no two hold, and each means what it says. *)
Definition decision_statement : Prop := forall X1 X2 Y1 Y2 : M,
  X1 = X2 \/ regular_pencil X1 X2 ->
  let constant := Y1 = Y2 in
  let solution := [/\ X1 <> X2, Y1 <> Y2 & same_column_space Y1 Y2] in
  let none := (X1 = X2 /\ Y1 <> Y2) \/ ~ same_column_space Y1 Y2 in
  [/\ constant \/ solution \/ none,
      ~ (constant /\ solution) /\ ~ (constant /\ none) /\ ~ (solution /\ none),
      constant -> fits X1 X2 Y1 Y2 0 0 Y1,
      solution -> solvable X1 X2 Y1 Y2 &
      none -> ~ solvable X1 X2 Y1 Y2].
End Statements.
