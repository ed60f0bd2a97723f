package v1alpha1

// Phase is how far an Ingress has moved.
//
// +kubebuilder:validation:Enum=excluded;preview;shadow;live;released
type Phase string

// The phases, in the order in which an Ingress goes through them. A host moves as a whole: its Ingresses reach a phase together.
const (
	PhaseExcluded Phase = "excluded" // left alone
	PhasePreview  Phase = "preview"  // translated, nothing is applied
	PhaseShadow   Phase = "shadow"   // applied to a gateway that no public traffic reaches
	PhaseLive     Phase = "live"     // applied to the gateway
	PhaseReleased Phase = "released" // the team's objects are the team's alone; the Ingress can be deleted
)

// The annotations of an Ingress that the operator reads.
const (
	AnnotationPhase   = GroupName + "/phase"   // a Phase, instead of the Migration's default
	AnnotationSuspend = GroupName + "/suspend" // "true": what is applied stays as it is
	AnnotationWaive   = GroupName + "/waive"   // findings whose loss is accepted, each with a reason
)

// The labels and annotations of what the operator applies.
const (
	LabelMigration    = GroupName + "/migration" // the Migration's name
	LabelEdge         = GroupName + "/edge"      // "live" or "shadow"
	AnnotationAdopted = GroupName + "/adopted"   // the object was there before: it is left, not deleted, in the end
)

// The names under which the operator owns fields of objects. They never change: fields would be orphaned.
const (
	ManagerPlatform = "ingress2gw-platform" // of the platform's objects
	ManagerTeam     = "ingress2gw-team"     // of the teams' objects
	ManagerStatus   = "ingress2gw-operator" // of IngressTranslations, Migrations and the guard's Secret
)

// The types of conditions.
const (
	ConditionReady      = "Ready"      // what is wanted is so
	ConditionTranslated = "Translated" // the Ingress was read, and no protection is lost
	ConditionApplied    = "Applied"    // its objects are in the cluster
	ConditionDrifted    = "Drifted"    // somebody changed them
)

// The reasons of conditions.
const (
	ReasonTranslated       = "Translated"      // Translated: all protections are carried over
	ReasonBlocked          = "Blocked"         // Translated: a protection cannot be carried over, the route is closed
	ReasonDropped          = "Dropped"         // Translated: the controller does not serve this Ingress either
	ReasonInvalid          = "Invalid"         // Ready: the phase that is wanted is none; Migration: its settings contradict
	ReasonPreview          = "Preview"         // Applied: nothing is to be applied
	ReasonExcluded         = "Excluded"        // Applied, Ready: the Ingress is left alone
	ReasonApplied          = "Applied"         // Applied: all objects are there
	ReasonReleased         = "Released"        // Applied: handed over
	ReasonWaiting          = "Waiting"         // Ready: another Ingress of the host is not as far
	ReasonSuspended        = "Suspended"       // Ready, Applied: nothing is changed
	ReasonSourceGone       = "SourceGone"      // Ready: the Ingress was deleted or is no longer selected; its objects are kept
	ReasonForeignObject    = "ForeignObject"   // Applied: somebody else's object has the name
	ReasonConflict         = "Conflict"        // Applied: somebody else owns fields
	ReasonRejected         = "Rejected"        // Applied: the API server refused an object
	ReasonForbidden        = "Forbidden"       // Applied: the operator may not
	ReasonKindMissing      = "KindMissing"     // Applied: Istio's CRDs are not installed
	ReasonHostTaken        = "HostTaken"       // Applied: another Gateway serves the host by TLS
	ReasonCertificate      = "BrokenSecret"    // Ready: a certificate is broken, the last good copy is in use
	ReasonWaitsForOthers   = "WaitsForOthers"  // Applied: something that the objects need is not there, or still has to go
	ReasonFailed           = "Failed"          // Applied: something else went wrong, it is tried again
	ReasonLimitExceeded    = "LimitExceeded"   // Migration: more would change than its limits allow
	ReasonOverlap          = "Overlap"         // Migration: an older one has the gateway
	ReasonUnguarded        = "Unguarded"       // Migration: no admission policies guard its gateway, as they are to
	ReasonNoMigration      = "NoMigration"     // Ready: the Migration was deleted, what is applied stays
	ReasonNoDrift          = "AsApplied"       // Drifted: nobody changed anything
	ReasonChanged          = "Changed"         // Drifted: an object was changed
	ReasonProtection       = "ProtectionLost"  // Drifted: an object that protects was changed or removed
	ReasonDone             = "UpToDate"        // Ready
	ReasonNotApplied       = "NotApplied"      // Ready: see Applied
	ReasonProgressing      = "Progressing"     // Ready: changes are under way
	ReasonNotEveryIngress  = "NotEveryIngress" // Migration: some Ingresses are not ready
	ReasonChangedByTeam    = "ChangedByTeam"   // Ready: what was handed over is the team's by now
	ReasonShadowImpossible = "NoShadowGateway" // Ready: the Migration names no shadow gateway
)
