package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Selection says which Ingresses, Services and namespaces the controller serves.
var Selection = annotations.Feature{
	Name: "selection",
	Settings: []annotations.Setting{
		{Name: "ingress-class", Flag: true, Syntax: "name", Default: "nginx", Class: finding.Exact, Doc: "Value of the class annotation that the controller serves.", Note: selected},
		{Name: "controller-class", Flag: true, Syntax: "name", Default: "k8s.io/ingress-nginx", Class: finding.Exact, Doc: "The controller named by the IngressClasses that it serves.", Note: selected},
		{Name: "ingress-class-by-name", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Exact, Doc: "Also serves the IngressClass named as --ingress-class.", Note: selected},
		{Name: "watch-ingress-without-class", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Exact, Doc: "Also serves Ingresses without a class.", Note: selected},
		{Name: "watch-namespace", Flag: true, Syntax: "namespace", Class: finding.Exact, Doc: "Serves only this namespace.", Note: selected},
		{Name: "watch-namespace-selector", Flag: true, Syntax: "label selector", Class: finding.Exact, Doc: "Serves only namespaces with these labels.", Note: selected},
		{Name: "disable-catch-all", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Exact, Doc: "Drops every Ingress with a spec.defaultBackend.", Note: selected},
		{Name: "annotations-prefix", Flag: true, Syntax: "prefix", Default: "nginx.ingress.kubernetes.io", Class: finding.Exact, Doc: "Prefix of the annotations that the controller reads.", Note: "annotations are read by this prefix"},
		{Name: "configmap", Flag: true, Syntax: "namespace/name", Class: finding.Exact, Doc: "ConfigMap with the controller's settings.", Note: "its settings are read if the input holds it"},
		{Name: "disable-svc-external-name", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Exact, Doc: "Refuses Services of type ExternalName.", Note: "paths with such Services answer 503 as before"},
		{Name: "enable-topology-aware-routing", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Manual, Doc: "Prefers endpoints of the same zone for Services that ask for it.",
			Note: "set localityLbSetting in the DestinationRule or the mesh configuration, or trafficDistribution on the Service, which Istio reads"},
	},
}

const selected = "decides which Ingresses are converted"
