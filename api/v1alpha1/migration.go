package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Migration says which Ingresses move, and to where. It belongs to the platform team.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories=ingress2gw
// +kubebuilder:printcolumn:name="Ingresses",type=integer,JSONPath=`.status.ingresses.selected`
// +kubebuilder:printcolumn:name="Preview",type=integer,JSONPath=`.status.ingresses.preview`
// +kubebuilder:printcolumn:name="Shadow",type=integer,JSONPath=`.status.ingresses.shadow`
// +kubebuilder:printcolumn:name="Live",type=integer,JSONPath=`.status.ingresses.live`
// +kubebuilder:printcolumn:name="Released",type=integer,JSONPath=`.status.ingresses.released`
// +kubebuilder:printcolumn:name="Blocked",type=integer,JSONPath=`.status.ingresses.blocked`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 63",message="the name is used as a label: 63 characters at most"
type Migration struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// +optional
	Spec MigrationSpec `json:"spec,omitempty"`
	// +optional
	Status MigrationStatus `json:"status,omitempty"`
}

// MigrationList is a list of Migrations.
//
// +kubebuilder:object:root=true
type MigrationList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Migration `json:"items"`
}

// MigrationSpec is what the platform team decides.
//
// +kubebuilder:validation:XValidation:rule="!has(self.shadow) || self.shadow.__namespace__ != (has(self.gateway) && has(self.gateway.__namespace__) ? self.gateway.__namespace__ : 'istio-system')",message="the shadow gateway needs a namespace of its own"
// +kubebuilder:validation:XValidation:rule="!has(self.shadow) || [has(self.gateway) && has(self.gateway.selector) && size(self.gateway.selector) > 0 ? self.gateway.selector : {'istio': 'ingressgateway'}].all(g, g.exists(k, k in self.shadow.selector && self.shadow.selector[k] != g[k]))",message="no pod may have the labels of both gateways: shadow.selector needs a label of gateway.selector with another value"
// +kubebuilder:validation:XValidation:rule="!has(self.defaultPhase) || self.defaultPhase != 'shadow' || has(self.shadow)",message="defaultPhase shadow needs a shadow gateway"
// +kubebuilder:validation:XValidation:rule="!has(self.gatewayMap) || size(self.gatewayMap) == 0 || !has(self.shadow)",message="routes that attach to existing Gateways have no shadow"
type MigrationSpec struct {
	// Which controller serves the Ingresses, and how it is set up.
	// +optional
	Source Source `json:"source,omitempty"`
	// Only Ingresses of namespaces with these labels.
	// +optional
	NamespaceSelector *metav1.LabelSelector `json:"namespaceSelector,omitempty"`
	// Only Ingresses with these labels.
	// +optional
	IngressSelector *metav1.LabelSelector `json:"ingressSelector,omitempty"`

	// The gateway workload that is to serve the hosts.
	// +optional
	Gateway Gateway `json:"gateway,omitempty"`
	// A second gateway workload, which no public traffic reaches, for the phase shadow.
	// +optional
	Shadow *ShadowGateway `json:"shadow,omitempty"`
	// Existing Gateways that routes attach to. With this no Gateways are made.
	// +optional
	// +listType=map
	// +listMapKey=host
	// +kubebuilder:validation:MaxItems=1000
	GatewayMap []GatewayMapping `json:"gatewayMap,omitempty"`
	// How the translation is written.
	// +optional
	Target Target `json:"target,omitempty"`
	// Who owns what.
	// +optional
	// +kubebuilder:default=split
	// +kubebuilder:validation:Enum=split;platform;team
	Ownership string `json:"ownership,omitempty"`
	// How certificates reach the gateway.
	// +optional
	TLS TLS `json:"tls,omitempty"`
	// Reads the users of basic auth from the Secrets that Ingresses name. Otherwise such paths are closed.
	// +optional
	ReadAuthSecrets bool `json:"readAuthSecrets,omitempty"`

	// The phase of Ingresses without the annotation ingress2gw.io/phase.
	// +optional
	// +kubebuilder:default=preview
	DefaultPhase Phase `json:"defaultPhase,omitempty"`
	// What happens when somebody changes an applied object: repair it, or report it.
	// +optional
	// +kubebuilder:default=repair
	// +kubebuilder:validation:Enum=repair;report
	Drift string `json:"drift,omitempty"`
	// What happens when a live Ingress is deleted, or is no longer selected: keep what serves it, or prune it.
	// +optional
	// +kubebuilder:default=keep
	// +kubebuilder:validation:Enum=keep;prune
	OnIngressDelete string `json:"onIngressDelete,omitempty"`
	// What happens to applied objects when this Migration is deleted.
	// +optional
	// +kubebuilder:default=keep
	// +kubebuilder:validation:Enum=keep;prune
	OnDelete string `json:"onDelete,omitempty"`
	// Whether objects that `ingress2gw convert` wrote (label app.kubernetes.io/managed-by: ingress2gw) and somebody else applied are taken over.
	// +optional
	// +kubebuilder:default=never
	// +kubebuilder:validation:Enum=never;generated
	Adopt string `json:"adopt,omitempty"`
	// Findings whose loss is accepted.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=200
	Waive []Waiver `json:"waive,omitempty"`
	// Brakes.
	// +optional
	Limits Limits `json:"limits,omitempty"`
	// Nothing is applied or removed while this is true. Translating goes on.
	// +optional
	Suspend bool `json:"suspend,omitempty"`
}

// Source is the ingress controller that is left.
type Source struct {
	// Name of the IngressClass (the controller's flag --ingress-class).
	// +optional
	// +kubebuilder:validation:MaxLength=253
	IngressClass string `json:"ingressClass,omitempty"`
	// Controller name of the IngressClasses (the controller's flag --controller-class).
	// +optional
	// +kubebuilder:validation:MaxLength=250
	ControllerClass string `json:"controllerClass,omitempty"`
	// Also Ingresses that name no class.
	// +optional
	WatchIngressWithoutClass bool `json:"watchIngressWithoutClass,omitempty"`
	// Prefix of the controller's annotations, if not nginx.ingress.kubernetes.io.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	AnnotationsPrefix string `json:"annotationsPrefix,omitempty"`
	// The controller's command line flags.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MaxLength=1000
	ControllerArgs []string `json:"controllerArgs,omitempty"`
	// The controller's ConfigMap.
	// +optional
	ControllerConfig *ObjectName `json:"controllerConfig,omitempty"`
}

// ObjectName names an object of a known kind.
type ObjectName struct {
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace"`
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}

// Gateway is a gateway workload.
//
// +kubebuilder:validation:XValidation:rule="!has(self.httpPort) || !has(self.httpsPort) || self.httpPort != self.httpsPort",message="httpPort and httpsPort must be two ports"
type Gateway struct {
	// +optional
	// +kubebuilder:default=istio-system
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace,omitempty"`
	// Labels of the workload's pods; istio: ingressgateway if empty.
	// +optional
	// +kubebuilder:validation:MaxProperties=16
	Selector map[string]string `json:"selector,omitempty"`
	// HTTP port of the workload's Service.
	// +optional
	// +kubebuilder:default=80
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	HTTPPort int32 `json:"httpPort,omitempty"`
	// HTTPS port of the workload's Service.
	// +optional
	// +kubebuilder:default=443
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	HTTPSPort int32 `json:"httpsPort,omitempty"`
}

// ShadowGateway is the workload of the phase shadow. Its ports are those of the gateway.
type ShadowGateway struct {
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace"`
	// Labels of the workload's pods. One of them is a label of gateway.selector with another value, so that no pod has the labels of both: istiod
	// hands a Gateway to every pod that has all labels of its selector, whatever namespace it is in.
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=16
	Selector map[string]string `json:"selector"`
}

// GatewayMapping says which existing Gateway serves a host.
type GatewayMapping struct {
	// A host, *.suffix or *.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Host string `json:"host"`
	// The Gateway.
	Gateway ObjectName `json:"gateway"`
}

// Target says how the translation is written.
type Target struct {
	// Version of Istio to write for, such as 1.31.
	// +optional
	// +kubebuilder:default="1.31"
	// +kubebuilder:validation:Pattern=`^[0-9]{1,2}\.[0-9]{1,3}$`
	IstioVersion string `json:"istioVersion,omitempty"`
	// Whose defaults hold where an Ingress states nothing: the controller's (exact), or Istio's (native).
	// +optional
	// +kubebuilder:default=exact
	// +kubebuilder:validation:Enum=exact;native
	Profile string `json:"profile,omitempty"`
	// What a request gets whose Host belongs to another certificate than its SNI.
	// +optional
	// +kubebuilder:default=host
	// +kubebuilder:validation:Enum=host;"421";strict
	SNI string `json:"sni,omitempty"`
	// What becomes of limits of connections for each client.
	// +optional
	// +kubebuilder:default=manual
	// +kubebuilder:validation:Enum=manual;shared
	LimitConnections string `json:"limitConnections,omitempty"`
	// Writes no EnvoyFilters; what needs them is reported.
	// +optional
	NoEnvoyFilter bool `json:"noEnvoyFilter,omitempty"`
	// Writes no Lua; what needs it is reported.
	// +optional
	NoLua bool `json:"noLua,omitempty"`
	// DNS domain of the cluster.
	// +optional
	// +kubebuilder:default="cluster.local"
	// +kubebuilder:validation:MaxLength=253
	ClusterDomain string `json:"clusterDomain,omitempty"`
}

// TLS says how certificates reach the gateway.
type TLS struct {
	// Name the Secrets that must be there (reference), copy them, ask cert-manager for them, or grant the gateway to read them where they are.
	// +optional
	// +kubebuilder:default=reference
	// +kubebuilder:validation:Enum=reference;copy;cert-manager;reference-grant
	Policy string `json:"policy,omitempty"`
	// A Secret in the gateway's namespace for hosts without a certificate of their own.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	DefaultCertificate string `json:"defaultCertificate,omitempty"`
}

// Waiver accepts what a finding says is lost.
type Waiver struct {
	// The finding's code, such as I2G4001, or a part of codes with * for any text.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=20
	Code string `json:"code"`
	// Only for these objects: "Ingress NAMESPACE/NAME", with * for any text.
	// +optional
	// +kubebuilder:validation:MaxLength=400
	Object string `json:"object,omitempty"`
	// Why.
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=1000
	Reason string `json:"reason"`
}

// Limits hold changes back that are larger than anybody meant.
type Limits struct {
	// How many objects may be applied in all; 0 for any number.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Objects int32 `json:"objects,omitempty"`
	// How many objects may be removed at once; 0 for any number.
	// +optional
	// +kubebuilder:default=500
	// +kubebuilder:validation:Minimum=0
	Removals int32 `json:"removals,omitempty"`
}

// MigrationStatus is where the Migration stands.
type MigrationStatus struct {
	// The generation of this Migration that the rest is about.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// How many Ingresses are how far.
	// +optional
	Ingresses Totals `json:"ingresses,omitempty"`
	// Objects that are applied.
	// +optional
	Objects int32 `json:"objects,omitempty"`
	// Applied objects that differ from what was applied.
	// +optional
	Drifted int32 `json:"drifted,omitempty"`
	// What the mesh configuration must hold, as YAML.
	// +optional
	MeshConfig string `json:"meshConfig,omitempty"`
	// Ready, Applied and Drifted.
	// +optional
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Totals count Ingresses by where they are.
type Totals struct {
	// +optional
	Selected int32 `json:"selected"`
	// +optional
	Excluded int32 `json:"excluded"`
	// +optional
	Preview int32 `json:"preview"`
	// +optional
	Shadow int32 `json:"shadow"`
	// +optional
	Live int32 `json:"live"`
	// +optional
	Released int32 `json:"released"`
	// With protections that cannot be carried over.
	// +optional
	Blocked int32 `json:"blocked"`
}
