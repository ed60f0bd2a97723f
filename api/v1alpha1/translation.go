package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// IngressTranslation says what becomes of the Ingress of the same name. The operator makes it; nobody needs to change it.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=ingtr,categories=ingress2gw
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Wanted",type=string,JSONPath=`.status.wantedPhase`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Blocking",type=integer,JSONPath=`.status.blockingCount`
// +kubebuilder:printcolumn:name="Approximate",type=integer,priority=1,JSONPath=`.status.findings.approximate`
// +kubebuilder:printcolumn:name="Manual",type=integer,priority=1,JSONPath=`.status.findings.manual`
// +kubebuilder:printcolumn:name="Objects",type=integer,JSONPath=`.status.objectCount`
// +kubebuilder:printcolumn:name="Drifted",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Drifted")].status`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type IngressTranslation struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// +optional
	Spec IngressTranslationSpec `json:"spec,omitempty"`
	// +optional
	Status IngressTranslationStatus `json:"status,omitempty"`
}

// IngressTranslationList is a list of IngressTranslations.
//
// +kubebuilder:object:root=true
type IngressTranslationList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []IngressTranslation `json:"items"`
}

// IngressTranslationSpec is what the operator has to remember.
type IngressTranslationSpec struct {
	// The Migration that selected the Ingress.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Migration string `json:"migration,omitempty"`
	// The Ingress as it was last applied. What serves it stays complete when the Ingress is deleted, suspended or released.
	// +optional
	// +kubebuilder:pruning:PreserveUnknownFields
	Ingress *runtime.RawExtension `json:"ingress,omitempty"`
}

// IngressTranslationStatus is what became of the Ingress.
type IngressTranslationStatus struct {
	// The generation of the Ingress that this is about. (It is not called observedGeneration, here and in conditions: kubectl wait and
	// others compare that with the generation of the IngressTranslation itself.)
	// +optional
	IngressGeneration int64 `json:"ingressGeneration,omitempty"`
	// How far the Ingress is.
	// +optional
	Phase Phase `json:"phase,omitempty"`
	// How far it is to be: its annotation, or the Migration's default.
	// +optional
	WantedPhase Phase `json:"wantedPhase,omitempty"`
	// Hosts of the Ingress: the first of them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Hosts []string `json:"hosts,omitempty"`
	// How many findings there are of each class.
	// +optional
	Findings FindingCounts `json:"findings,omitempty"`
	// Protections that cannot be carried over and are not waived: their routes are closed.
	// +optional
	BlockingCount int32 `json:"blockingCount"`
	// The first of them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Blocking []BlockingFinding `json:"blocking,omitempty"`
	// Objects that this Ingress leads to, alone or with others.
	// +optional
	ObjectCount int32 `json:"objectCount"`
	// The first of them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	Objects []ObjectStatus `json:"objects,omitempty"`
	// Ready, Translated, Applied and Drifted.
	// +optional
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// FindingCounts are numbers of findings by class.
type FindingCounts struct {
	// +optional
	Exact int32 `json:"exact"`
	// +optional
	Noop int32 `json:"noop"`
	// +optional
	Approximate int32 `json:"approximate"`
	// +optional
	Unknown int32 `json:"unknown"`
	// +optional
	Invalid int32 `json:"invalid"`
	// +optional
	Manual int32 `json:"manual"`
	// +optional
	Refused int32 `json:"refused"`
}

// BlockingFinding is a protection that cannot be carried over.
type BlockingFinding struct {
	// Its code; `ingress2gw explain CODE` says more.
	Code string `json:"code"`
	// The annotation or field.
	// +optional
	Field string `json:"field,omitempty"`
	// +optional
	Message string `json:"message,omitempty"`
}

// ObjectStatus is an object that an Ingress leads to.
type ObjectStatus struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	// +optional
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	// Of its content: equal hashes are equal objects.
	Hash string `json:"hash"`
}
