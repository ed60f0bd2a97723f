package apply

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Ref names an object.
type Ref struct{ APIVersion, Kind, Namespace, Name string }

// String is "Kind namespace/name".
func (r Ref) String() string {
	if r.Namespace == "" {
		return r.Kind + " " + r.Name
	}
	return r.Kind + " " + r.Namespace + "/" + r.Name
}

// GVK is the kind.
func (r Ref) GVK() schema.GroupVersionKind { return schema.FromAPIVersionAndKind(r.APIVersion, r.Kind) }

func (r Ref) key() client.ObjectKey { return client.ObjectKey{Namespace: r.Namespace, Name: r.Name} }

// Compare orders references.
func Compare(a, b Ref) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), cmp.Compare(a.APIVersion, b.APIVersion))
}

// Desired is an object as it is to be.
type Desired struct {
	Ref
	Hash    string
	Manager string // under which it is applied
	object  *manifest.Object
	labels  map[string]string
	adopted bool
	kept    []any    // patches of an EnvoyFilter that only routes need which are not the operator's to change
	plain   *Desired // the same without them
}

// RefOf names the object of a translation.
func RefOf(o *manifest.Object) Ref { return Ref{o.APIVersion, o.Kind, o.Namespace, o.Name} }

// Want makes what is to be of an object of a translation. hash is its digest if that is known already, else "".
func Want(o *manifest.Object, migration, edge, hash string) (*Desired, error) {
	d := &Desired{
		Ref: RefOf(o), Hash: hash, Manager: v1alpha1.ManagerPlatform, object: o,
		labels: map[string]string{v1alpha1.LabelMigration: migration, v1alpha1.LabelEdge: edge},
	}
	if o.Owner != "" {
		d.Manager = v1alpha1.ManagerTeam
	}
	if d.Hash == "" {
		var err error
		if d.Hash, err = digest(d.bare().Object); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Origins are the Ingresses that the object comes from, each once.
func (d *Desired) Origins() []snapshot.Key { return Origins(d.object) }

// Origins are the Ingresses that an object of a translation comes from, each once.
func Origins(of *manifest.Object) (keys []snapshot.Key) {
	for _, o := range of.Origins {
		if o.Object == nil || o.Object.Kind != "Ingress" {
			continue
		}
		if k := (snapshot.Key{Namespace: o.Object.Namespace, Name: o.Object.Name}); !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// Team tells whether the object is a team's.
func (d *Desired) Team() bool { return d.object.Owner != "" }

// Credentials are the names of Secrets that a gateway reads because of the object: of key pairs, and of their CAs.
func (d *Desired) Credentials() (names []string) {
	if d.Kind != "Gateway" && d.Kind != "DestinationRule" {
		return nil
	}
	var walk func(any)
	walk = func(x any) {
		switch x := x.(type) {
		case []any:
			for _, v := range x {
				walk(v)
			}
		case map[string]any:
			for k, v := range x {
				if name, ok := v.(string); ok && k == "credentialName" {
					names = append(names, name, name+"-cacert")
					continue
				}
				walk(v)
			}
		}
	}
	walk(manifest.Unstructured(d.object).Object["spec"])
	slices.Sort(names)
	return slices.Compact(names)
}

// Edge is the edge that the object belongs to.
func (d *Desired) Edge() string { return d.labels[v1alpha1.LabelEdge] }

// AsApplied is what is known of the object when it has been applied.
func (d *Desired) AsApplied(r Result) Live {
	return Live{
		Ref: d.Ref, UID: r.UID, Version: r.Version, Migration: d.labels[v1alpha1.LabelMigration], Edge: d.Edge(),
		Hash: d.Hash, Content: d.Hash, Ours: true, Adopted: r.Adopted, Root: d.Kind == "VirtualService" && d.object.Stage > 0,
	}
}

// bare is the object without its hash.
func (d *Desired) bare() *unstructured.Unstructured {
	u := manifest.Unstructured(d.object)
	labels := u.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	maps.Copy(labels, d.labels)
	u.SetLabels(labels)
	if spec, ok := u.Object["spec"].(map[string]any); ok && len(d.kept) > 0 {
		patches := slices.Clip(patchesOf(u))
		for _, p := range d.kept {
			patches = append(patches, runtime.DeepCopyJSONValue(p))
		}
		spec["configPatches"] = patches
	}
	return u
}

// tree is the object as it is applied.
func (d *Desired) tree() *unstructured.Unstructured {
	u := d.bare()
	annotate(u, AnnotationHash, d.Hash)
	return u
}

// json is the object as it is applied, with further metadata.
func (d *Desired) json(adopted bool, version string) ([]byte, error) {
	if len(d.kept) > 0 {
		u := d.tree()
		if adopted {
			annotate(u, v1alpha1.AnnotationAdopted, "true")
		}
		u.SetResourceVersion(version)
		return u.MarshalJSON()
	}
	labels, annotations := maps.Clone(d.labels), map[string]string{}
	maps.Copy(annotations, d.object.Annotations)
	annotations[AnnotationHash] = d.Hash
	if adopted {
		annotations[v1alpha1.AnnotationAdopted] = "true"
	}
	for k, v := range d.object.Labels {
		if _, ours := labels[k]; !ours {
			labels[k] = v
		}
	}
	metadata := manifest.Map{{Key: "name", Value: d.Name}, {Key: "labels", Value: labels}, {Key: "annotations", Value: annotations}}
	if d.Namespace != "" {
		metadata = metadata.Set("namespace", d.Namespace)
	}
	if version != "" {
		metadata = metadata.Set("resourceVersion", version)
	}
	tree := manifest.Map{{Key: "apiVersion", Value: d.APIVersion}, {Key: "kind", Value: d.Kind}, {Key: "metadata", Value: metadata}}
	if d.object.Spec != nil {
		tree = tree.Set("spec", d.object.Spec)
	}
	for _, f := range d.object.Fields {
		tree = tree.Set(f.Key, f.Value)
	}
	return manifest.JSON(tree)
}

func annotate(u *unstructured.Unstructured, key, value string) {
	a := u.GetAnnotations()
	if a == nil {
		a = map[string]string{}
	}
	a[key] = value
	u.SetAnnotations(a)
}

// Live is what is known of an object in the cluster.
type Live struct {
	Ref
	UID             types.UID
	Version         string // resourceVersion
	Migration, Edge string
	Hash, Content   string // as applied, and as it is; Content is "" if it was not looked at
	Ours, Adopted   bool
	Root            bool // names hosts, and maybe delegates
}

// Read looks at an object in the cluster. It gives nil if there is none.
func Read(ctx context.Context, c client.Reader, ref Ref) (*Live, error) {
	var found client.Object = object(ref)
	if ref.Kind == "Secret" { // as it is watched: what it holds is nobody's business
		m := &metav1.PartialObjectMetadata{}
		m.SetGroupVersionKind(ref.GVK())
		found = m
	}
	if err := c.Get(ctx, ref.key(), found); err != nil {
		return nil, client.IgnoreNotFound(err)
	}
	stripped, err := Strip(found)
	if err != nil {
		return nil, err
	}
	o, ok := stripped.(client.Object)
	if !ok {
		return nil, fmt.Errorf("%s came out as %T", ref, stripped)
	}
	l := LiveOf(o, ref.GVK())
	return &l, nil
}

// Newer tells whether resource version a is later than b.
func Newer(a, b string) bool {
	x, errA := strconv.ParseUint(a, 10, 64)
	y, errB := strconv.ParseUint(b, 10, 64)
	return errA == nil && errB == nil && x > y
}
