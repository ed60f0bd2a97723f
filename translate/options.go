package translate

import (
	"strings"

	"k8s.io/apimachinery/pkg/api/validate/content"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/resolve"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Options are the user's decisions. The zero value of each field is its default unless said otherwise.
type Options struct {
	Source SourceOptions
	Target emit.Options

	// ObjectsOnly gives no Model: its rules are let go as they are written, because those of a large edge would fill the memory.
	ObjectsOnly bool

	// Waived tells whether the user accepts the loss that a code stands for, for one object. nil: nothing is waived.
	Waived func(code finding.Code, o *finding.Object) bool
}

// SourceOptions say which controller served the Ingresses, and how it was set up.
type SourceOptions struct {
	// ClassControllers maps class names to controllers (--class NAME=CONTROLLER), for classes the input does not hold.
	ClassControllers map[string]string
	// ControllerArgs is the controller's command line as the user gave it, split into words.
	ControllerArgs []string
	// ControllerConfig names the controller's ConfigMap in the snapshot; the zero value means none.
	ControllerConfig snapshot.Key
	// The following override what ControllerArgs say; "" and false leave it.
	ControllerClass          string
	IngressClass             string
	AnnotationsPrefix        string
	WatchIngressWithoutClass bool
}

// Config names the controller's ConfigMap: ControllerConfig, else what the controller's own flag says. The zero value means
// none.
func (o SourceOptions) Config() snapshot.Key {
	if o.ControllerConfig != (snapshot.Key{}) {
		return o.ControllerConfig
	}
	key, _ := objectName(resolve.Args(o.ControllerArgs)["configmap"])
	return key
}

// ConfigMaps are those that the options name: the controller's own, and those with TCP and UDP ports.
func (o SourceOptions) ConfigMaps() []snapshot.Key {
	var keys []snapshot.Key
	if key := o.Config(); key != (snapshot.Key{}) {
		keys = append(keys, key)
	}
	flags := resolve.Args(o.ControllerArgs)
	for _, flag := range [...]string{"tcp-services-configmap", "udp-services-configmap"} {
		if key, ok := objectName(flags[flag]); ok {
			keys = append(keys, key)
		}
	}
	return keys
}

// Secrets are those that the options name: that of the default certificate.
func (o SourceOptions) Secrets() []snapshot.Key {
	if key, ok := objectName(resolve.Args(o.ControllerArgs)["default-ssl-certificate"]); ok {
		return []snapshot.Key{key}
	}
	return nil
}

// objectName reads namespace/name. What a pod's environment fills in, as in $(POD_NAMESPACE)/name, is no name.
func objectName(s string) (snapshot.Key, bool) {
	namespace, name, ok := strings.Cut(s, "/")
	if !ok || len(content.IsDNS1123Label(namespace)) > 0 || len(content.IsDNS1123Subdomain(name)) > 0 {
		return snapshot.Key{}, false
	}
	return snapshot.Key{Namespace: namespace, Name: name}, true
}
