(******************************************************************************)
(* The completion K = I + S (C1 S)^-1 (C2 - C1): equal column spaces as equal *)
(* ranks (S1), Y1 K = Y2 and the determinant (S2, by det(I + S T) = det(I + T *)
(* S)), and an S that serves C1 and C2 (S3): P1 + t P2, with Pi a right       *)
(* inverse of Ci and t outside of finitely many numbers.                      *)
(******************************************************************************)
From mathcomp Require Import all_ssreflect all_algebra complex.
From mathcomp Require Import reals.
From DeepExpExact Require Import Statements ScalarExponential Construction Necessity.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.
Local Open Scope complex_scope.

(* det(I + S T) = det(I + T S): both are the determinant of [I -S; T I]. *)
Lemma det_add1 (F : comRingType) n r (S : 'M[F]_(n, r)) (T : 'M[F]_(r, n)) :
  \det (1%:M + S *m T) = \det (1%:M + T *m S).
Proof.
pose A := block_mx 1%:M (- S) T 1%:M; pose L := block_mx 1%:M 0 (- T) 1%:M : 'M[F]_(n + r).
have : \det (A *m L) = \det (L *m A) by rewrite !det_mulmx mulrC.
rewrite !mulmx_block !mulmx1 !mul1mx !mul0mx !mulmx0 !mulNmx !mulmxN !opprK.
by rewrite !addr0 !add0r subrr addNr !det_ublock !det1 mulr1 mul1r [T *m S + _]addrC.
Qed.

(* A number outside a finite set, and outside the spectra of two matrices. *)
Lemma avoid (F : closedFieldType) (rs : seq F) : exists x, x \notin rs.
Proof.
pose p : {poly F} := \prod_(r <- rs) ('X - r%:P).
have [x /rootP px] : exists x, root (p * 'X + 1%:P) x.
  by apply/closed_rootP; rewrite size_MXaddC oner_eq0 andbF eqSS size_prod_XsubC.
exists x; apply/negP => xr; move/eqP: px.
by rewrite hornerMXaddC /p (big_rem x xr) /= hornerM hornerXsubC subrr !mul0r add0r oner_eq0.
Qed.

Lemma shift_unit (F : fieldType) r (A : 'M[F]_r) t :
  ~~ root (char_poly (- A)) t -> t%:M + A \in unitmx.
Proof.
rewrite -eigenvalue_root_char /eigenvalue /eigenspace negbK kermx_eq0 row_free_unit.
by rewrite -opprD -scaleN1r unitmxZ ?unitrN1 // addrC.
Qed.

Lemma common_complement (F : closedFieldType) r n (C1 C2 : 'M[F]_(r, n)) :
  row_free C1 -> row_free C2 ->
  exists S : 'M_(n, r), C1 *m S \in unitmx /\ C2 *m S \in unitmx.
Proof.
move=> /row_freeP[P1 e1] /row_freeP[P2 e2].
have [ra ea] := closed_field_poly_normal (char_poly (- (C1 *m P2))).
have [rb eb] := closed_field_poly_normal (char_poly (- (C2 *m P1))).
rewrite (monicP (char_poly_monic _)) scale1r in ea.
rewrite (monicP (char_poly_monic _)) scale1r in eb.
have [t] := avoid (0 :: map GRing.inv ra ++ rb).
rewrite inE mem_cat !negb_or => /and3P[t0 ta tb].
exists (P1 + t *: P2); rewrite !mulmxDr -!scalemxAr e1 e2; split.
  have -> : 1%:M + t *: (C1 *m P2) = t *: (t^-1%:M + C1 *m P2).
    by rewrite scalerDr scale_scalar_mx divff.
  rewrite unitmxZ ?unitfE // shift_unit // ea root_prod_XsubC.
  by apply: contra ta => h; apply/mapP; exists t^-1; rewrite ?invrK.
by rewrite addrC scalemx1 shift_unit // eb root_prod_XsubC.
Qed.

Section Completion.
Variables (R : realType) (d : nat).
Local Notation C := R[i].
Local Notation M := 'M[C]_d.+1.

Lemma sub_columns (A B : M) : (A^T <= B^T)%MS -> exists G, A = B *m G.
Proof.
case/submxP=> D e; exists D^T; apply: trmx_inj.
by rewrite trmx_mul trmxK.
Qed.

Theorem S1_rank_test : S1_rank_test_statement R d.
Proof.
move=> Y1 Y2; rewrite -(mxrank_tr Y1) -(mxrank_tr Y2) -(mxrank_tr (row_mx _ _)) tr_row_mx.
rewrite -addsmxE; split=> [[e1 e2]|h].
  have e i (Yi : M) : \rank Y1^T = \rank Yi^T -> (Yi^T <= Y1^T + Y2^T)%MS ->
     (Y1^T + Y2^T <= Yi^T)%MS.
    by move=> ei le; rewrite -(geq_leqif (mxrank_leqif_sup le)) e2 ei.
  have /sub_columns[G eG] : (Y1^T <= Y2^T)%MS.
    by apply: submx_trans (addsmxSl _ Y2^T) _; apply: e; rewrite ?addsmxSr.
  have /sub_columns[G' eG'] : (Y2^T <= Y1^T)%MS.
    by apply: submx_trans (addsmxSr Y1^T _) _; apply: e; rewrite ?addsmxSl.
  move=> v; split=> -[u ->].
    by exists (G *m u); rewrite mulmxA -eG.
  by exists (G' *m u); rewrite mulmxA -eG'.
have le21 : (Y2^T <= Y1^T)%MS by apply: column_sub => v; case: (h v).
have le12 : (Y1^T <= Y2^T)%MS by apply: column_sub => v; case: (h v).
have e : \rank Y1^T = \rank Y2^T by apply/eqP; rewrite eqn_leq !mxrankS.
by split=> //; apply/eqP; rewrite eqn_leq !mxrankS ?addsmxSl // addsmx_sub submx_refl.
Qed.

Theorem S2_completion : S2_completion_statement R d.
Proof.
move=> r Y1 Y2 B S C1 C2 -> -> u1 u2 K.
have eD : \det K = \det (C2 *m S) / \det (C1 *m S).
  rewrite /K -mulmxA det_add1 -mulmxA mulmxBl mulmxBr mulVmx // addrC subrK.
  by rewrite det_mulmx det_inv mulrC.
split=> //.
- rewrite mulmxDr mulmx1 -!mulmxA -mulmxDr; congr (_ *m _).
  by rewrite !mulmxA mulmxV // mul1mx addrC subrK.
- by rewrite unitmxE eD unitfE mulf_neq0 ?invr_eq0 // -unitfE -unitmxE.
- rewrite /K addrC addKr; apply: leq_trans (mxrankM_maxr _ _) _.
  exact: rank_leq_row.
Qed.

Theorem S3_completion_exists : S3_completion_exists_statement R d.
Proof.
by move=> r C1 C2 r1 r2; apply: common_complement; rewrite /row_free ?r1 ?r2.
Qed.

Theorem completion_data : completion_data_statement R d.
Proof.
move=> Y1 Y2 /right_factor[G uG eG].
have f1 : row_free (row_base Y1) by exact: row_base_free.
have f2 : row_free (row_base Y1 *m G).
  by rewrite /row_free mxrankMfree ?row_free_unit // row_base_free.
have [S [u1 u2]] := common_complement f1 f2.
exists (\rank Y1), (col_base Y1), S, (row_base Y1), (row_base Y1 *m G).
have eb : col_base Y1 *m row_base Y1 = Y1 by exact: mulmx_base.
by split=> //; rewrite mulmxA eb.
Qed.
End Completion.
