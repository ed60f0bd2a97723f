package apply

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// The marks of an object that was handed over.
const (
	// AnnotationReleased names the Migration that handed the object over, so that it can be taken back.
	AnnotationReleased = v1alpha1.GroupName + "/released"
	// AnnotationReleasedContent is the digest of what the object said then.
	AnnotationReleasedContent = v1alpha1.GroupName + "/released-content"
)

// Handed is what became of an object since it was handed over.
type Handed int

// What can have become of it.
const (
	HandedGone  Handed = iota // it was deleted
	HandedBack                // it is the operator's
	HandedAsIs                // nobody did anything with it
	HandedLeft                // it was there before the operator, and was left as such
	HandedTeams               // somebody changed it, keeps it, or made it anew
)

// Handed looks at an object that was handed over. why says in words what somebody else did with it.
func (e *Engine) Handed(ctx context.Context, ref Ref) (what Handed, why string, err error) {
	u := object(ref)
	err = e.Client.Get(ctx, ref.key(), u)
	switch {
	case apierrors.IsNotFound(err), meta.IsNoMatchError(err):
		return HandedGone, "", nil
	case err != nil:
		return 0, "", fmt.Errorf("looking at %s, which was handed over: %w", ref, err)
	case u.GetLabels()[v1alpha1.LabelMigration] == e.Migration && isOurs(u.GetManagedFields()):
		return HandedBack, "", nil
	case u.GetAnnotations()[AnnotationReleased] == e.Migration:
	case u.GetLabels()[labelManagedBy] == managedBy:
		return HandedLeft, "", nil
	default:
		return HandedTeams, ref.String() + " is not the one that was handed over" + by(u.GetManagedFields()), nil
	}
	said, err := spoken(u.Object)
	if err != nil {
		return 0, "", err
	}
	if u.GetAnnotations()[AnnotationReleasedContent] != said {
		return HandedTeams, ref.String() + " was changed since it was handed over" + by(u.GetManagedFields()), nil
	}
	if keeper := keeper(u); keeper != "" {
		return HandedTeams, ref.String() + " is kept by " + keeper, nil
	}
	return HandedAsIs, "", nil
}

// by names those who wrote an object since it was handed over.
func by(fields []metav1.ManagedFieldsEntry) string {
	names := slices.DeleteFunc(others(fields), func(name string) bool { return name == v1alpha1.ManagerStatus || name == "before-first-apply" })
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return " by " + strings.Join(slices.Compact(names), ", ")
}

// keeper tells who would make an object again if it were deleted: whoever applies it from a file.
func keeper(u *unstructured.Unstructured) string {
	for _, f := range u.GetManagedFields() {
		if f.Operation == metav1.ManagedFieldsOperationApply && !isManager(f.Manager) && f.Manager != v1alpha1.ManagerStatus {
			return f.Manager
		}
	}
	if u.GetAnnotations()[corev1.LastAppliedConfigAnnotation] != "" {
		return "kubectl apply"
	}
	if release := u.GetAnnotations()["meta.helm.sh/release-name"]; release != "" {
		return "Helm release " + release
	}
	return ""
}

// handOver removes what is the operator's.
func handOver(u *unstructured.Unstructured, migration string) error {
	strip := func(in map[string]string) map[string]string {
		for k := range own(in) {
			delete(in, k)
		}
		for _, k := range [...]string{AnnotationHash, AnnotationReleased, AnnotationReleasedContent} {
			delete(in, k)
		}
		return in
	}
	adopted := u.GetAnnotations()[v1alpha1.AnnotationAdopted] != ""
	u.SetLabels(strip(u.GetLabels()))
	u.SetAnnotations(strip(u.GetAnnotations()))
	if adopted {
		u.SetLabels(with(u.GetLabels(), labelManagedBy, managedBy)) // as it was
	} else {
		annotate(u, AnnotationReleased, migration)
		if u.GetKind() != "Secret" { // nobody asks whether one was changed
			said, err := spoken(u.Object)
			if err != nil {
				return err
			}
			annotate(u, AnnotationReleasedContent, said)
		}
	}
	left := slices.DeleteFunc(u.GetManagedFields(), func(f metav1.ManagedFieldsEntry) bool { return isManager(f.Manager) })
	u.SetManagedFields(left)
	switch {
	case len(left) > 0:
	case adopted: // an empty list would mean that nothing changes
		if m, ok := u.Object["metadata"].(map[string]any); ok {
			m["managedFields"] = []any{map[string]any{}}
		}
	default: // without any entry nobody would be noted until the first apply, which would then meet an owner of everything
		u.SetManagedFields([]metav1.ManagedFieldsEntry{{
			Manager: v1alpha1.ManagerStatus, Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: u.GetAPIVersion(), FieldsType: "FieldsV1",
			FieldsV1: metav1.NewFieldsV1(fmt.Sprintf(`{"f:metadata":{"f:annotations":{"f:%s":{}}}}`, AnnotationReleased)),
		}})
	}
	return nil
}

func with(m map[string]string, key, value string) map[string]string {
	if m == nil {
		m = map[string]string{}
	}
	m[key] = value
	return m
}

// unmark removes the marks of an object that was taken back. Nobody owns them, so that applying leaves them.
func (r *run) unmark(ctx context.Context, c *Change) (*metav1.PartialObjectMetadata, error) {
	marks := fmt.Appendf(nil, `{"metadata": {"annotations": {%q: null, %q: null}}}`, AnnotationReleased, AnnotationReleasedContent)
	return r.Client.Do(ctx, Write{Ref: c.Ref, Body: marks, Manager: v1alpha1.ManagerStatus, Patch: types.MergePatchType})
}
