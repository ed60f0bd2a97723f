package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupName is the API group.
const GroupName = "ingress2gw.io"

// GroupVersion is what the objects' apiVersion says.
func GroupVersion() schema.GroupVersion {
	return schema.GroupVersion{Group: GroupName, Version: "v1alpha1"}
}

// AddToScheme makes the types known.
func AddToScheme(s *runtime.Scheme) error {
	s.AddKnownTypes(GroupVersion(), &Migration{}, &MigrationList{}, &IngressTranslation{}, &IngressTranslationList{})
	metav1.AddToGroupVersion(s, GroupVersion())
	return nil
}
