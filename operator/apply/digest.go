// Package apply brings objects into the cluster and takes them away again: with server-side apply under fixed names, in an order that
// never leaves a route without what it needs, and without touching what somebody else made.
package apply

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

const (
	// AnnotationHash is the digest of an object as it was applied. An object whose content has another digest was changed.
	AnnotationHash = v1alpha1.GroupName + "/hash"

	changing = "changing" // stands for the hash of an object that is in between two states

	// In the cache only: no API server admits a key with a space.
	annotationContent = "its content"
	annotationOurs    = "it is ours"

	labelManagedBy = "app.kubernetes.io/managed-by"
	managedBy      = "ingress2gw"
	ownPrefix      = v1alpha1.GroupName + "/"
)

// digest is what an object's content comes to: all of it but status and the metadata that others may write.
func digest(o map[string]any) (string, error) {
	content := said(o)
	labels, _, _ := unstructured.NestedStringMap(o, "metadata", "labels")
	annotations, _, _ := unstructured.NestedStringMap(o, "metadata", "annotations")
	content["metadata"] = []map[string]string{own(labels), own(annotations)}
	return sum(content)
}

// spoken is the digest of what an object says, whoever it belongs to.
func spoken(o map[string]any) (string, error) { return sum(said(o)) }

// said is an object without metadata and status.
func said(o map[string]any) map[string]any {
	content := make(map[string]any, len(o))
	for k, v := range o {
		switch k {
		case "apiVersion", "kind", "status", "metadata":
		default:
			content[k] = v
		}
	}
	return content
}

func sum(content map[string]any) (string, error) {
	data, err := json.Marshal(content)
	if err != nil {
		return "", fmt.Errorf("writing an object: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8]), nil
}

// own are the labels or annotations that are ours, as long as the object is: the marks of its release are not.
func own(in map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range in {
		switch k {
		case AnnotationHash, AnnotationReleased, AnnotationReleasedContent:
		case labelManagedBy:
			out[k] = v
		default:
			if strings.HasPrefix(k, ownPrefix) {
				out[k] = v
			}
		}
	}
	return out
}

// Strip reduces an object to what must be known of it, before it is cached: who it is, and whether it is as it was applied. Informers
// may call it again for what it gave.
func Strip(in any) (any, error) {
	switch o := in.(type) {
	case *unstructured.Unstructured:
		content, err := digest(o.Object)
		if err != nil {
			return nil, err
		}
		return newSeen(o, content), nil
	case *metav1.PartialObjectMetadata:
		if _, done := o.Annotations[annotationContent]; done {
			return in, nil
		}
		o.Annotations = stripped(o.Annotations, "", isOurs(o.ManagedFields))
		o.Labels, o.ManagedFields, o.OwnerReferences, o.Finalizers = own(o.Labels), nil, nil, nil
	}
	return in, nil
}

func stripped(annotations map[string]string, content string, ours bool) map[string]string {
	out := map[string]string{annotationContent: content}
	for _, k := range [...]string{AnnotationHash, v1alpha1.AnnotationAdopted} {
		if v, ok := annotations[k]; ok {
			out[k] = v
		}
	}
	if ours {
		out[annotationOurs] = "true"
	}
	return out
}

// isOurs tells whether the operator applied an object.
func isOurs(fields []metav1.ManagedFieldsEntry) bool {
	for i := range fields {
		if isManager(fields[i].Manager) && fields[i].Operation == metav1.ManagedFieldsOperationApply && fields[i].Subresource == "" {
			return true
		}
	}
	return false
}

func isManager(name string) bool {
	return name == v1alpha1.ManagerPlatform || name == v1alpha1.ManagerTeam
}

// others are the managers of an object besides the operator, that own something of it.
func others(fields []metav1.ManagedFieldsEntry) (names []string) {
	for i := range fields {
		if !isManager(fields[i].Manager) && fields[i].Subresource == "" {
			names = append(names, fields[i].Manager)
		}
	}
	return names
}
