(******************************************************************************)
(* If V A = B V then V exp(A) = exp(B) V, for V of any shape                  *)
(* (`exp_intertwine`): the partial sums satisfy it, and each entry of both    *)
(* sides is their limit.  Consequences: exp(P A P^-1) = P exp(A) P^-1         *)
(* (`exp_conj`), and exp(B) V = V where B V = 0 (`exp_fix`).                  *)
(******************************************************************************)
From mathcomp Require Import all_ssreflect all_algebra complex.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp Require Import reals signed topology normedtype sequences exp trigo.
From DeepExpExact Require Import Statements MatrixExponential ScalarExponential.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Def Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope complex_scope.

Section Intertwining.
Variables (R : realType) (m n : nat).
Local Notation C := R[i].
Implicit Types (A : 'M[C]_n.+1) (B : 'M[C]_m.+1) (V : 'M[C]_(m.+1, n.+1)).

Lemma exp_sum_intertwine A B V N : V *m A = B *m V ->
  V *m exp_sum A N = exp_sum B N *m V.
Proof.
move=> e; rewrite /exp_sum mulmx_sumr mulmx_suml; apply: eq_bigr => k _.
rewrite /exp_term -scalemxAr -scalemxAl; congr (_ *: _).
elim: (val k) => [|l IH]; first by rewrite !expr0 mulmx1 mul1mx.
by rewrite exprSr exprSr -!mulmxE mulmxA IH -!mulmxA e.
Qed.

Lemma exp_intertwine A B V : V *m A = B *m V -> V *m expM A = expM B *m V.
Proof.
move=> e; apply/matrixP => i j; apply/eqP; rewrite -subr_eq0; apply/eqP/cn_eq0.
pose v := \sum_k \sum_l cn (V k l).
have vle k l : cn (V k l) <= v.
  rewrite /v (bigD1 k) //= (bigD1 l) //= -addrA ler_addl addr_ge0 //.
    by apply: sumr_ge0 => ? _; apply: cn_ge0.
  by do 2!apply: sumr_ge0 => ? _; apply: cn_ge0.
have v0 : 0 <= v by do 2!apply: sumr_ge0 => ? _; apply: cn_ge0.
set x := _ - _; have ex N : x =
    ((exp_sum B N - expM B) *m V) i j - (V *m (exp_sum A N - expM A)) i j.
  rewrite mulmxBl mulmxBr (exp_sum_intertwine N e) /x.
  rewrite [(_ - expM B *m V) i j]mxE [(_ - V *m expM A) i j]mxE.
  rewrite [(- (expM B *m V)) i j]mxE [(- (V *m expM A)) i j]mxE.
  by rewrite opprB addrC [RHS]addrC addrA subrK addrC.
apply: (@cvg_unique _ (@Rhausdorff R) ((fun _ : nat => cn x) @ \oo)).
  exact: cvg_cst.
pose wA N := \sum_(k < n.+1) v * nrm (exp_sum A N - expM A).
pose wB N := \sum_(k < m.+1) nrm (exp_sum B N - expM B) * v.
have hA : wA --> (0 : R).
  have -> : (0 : R) = \sum_(k < n.+1) v * 0 by rewrite big1 // => ? _; rewrite mulr0.
  apply: (@cvg_bigsum _ _ _ (fun (_ : 'I_n.+1) N => v * nrm (exp_sum A N - expM A))) => k.
  by apply: cvgMr; apply: exp_sum_cvg.
have hB : wB --> (0 : R).
  have -> : (0 : R) = \sum_(k < m.+1) 0 * v by rewrite big1 // => ? _; rewrite mul0r.
  apply: (@cvg_bigsum _ _ _ (fun (_ : 'I_m.+1) N => nrm (exp_sum B N - expM B) * v)) => k.
  by apply: cvgMl; apply: exp_sum_cvg.
apply: (@squeeze0 _ _ (fun N => wA N + wB N)) => [N|]; last first.
  by rewrite -[X in _ --> X](addr0 (0 : R)); apply: cvgD.
rewrite (ex N) cn_ge0 /= /wA /wB addrC; apply: le_trans (cnD _ _) _; rewrite cnN.
rewrite !mxE; apply: ler_add; apply: le_trans (cn_sum _ _ _) _;
  apply: ler_sum => k _; apply: le_trans (cnM _ _) _.
  by apply: ler_pmul; rewrite ?cn_ge0 ?nrm_ent.
by apply: ler_pmul; rewrite ?cn_ge0 ?nrm_ent.
Qed.

Lemma exp_fix B V : B *m V = 0 -> expM B *m V = V.
Proof.
move=> e; rewrite -(@exp_intertwine 0 B V); last by rewrite e mulmx0.
by rewrite exp0 mulmx1.
Qed.
End Intertwining.

Lemma exp_conj (R : realType) (d : nat) (P A : 'M[R[i]]_d.+1) : P \in unitmx ->
  expM (P *m A *m invmx P) = P *m expM A *m invmx P.
Proof.
move=> uP; have e : P *m A = (P *m A *m invmx P) *m P by rewrite mulmxKV.
by rewrite (exp_intertwine e) mulmxK.
Qed.
