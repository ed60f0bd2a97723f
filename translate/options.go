package translate

import (
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
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
