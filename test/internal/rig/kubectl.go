package rig

import (
	"context"
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
)

// Kubectl is what people do.
type Kubectl struct{ client dynamic.Interface }

// Kubectl acts as an administrator.
func (r *Rig) Kubectl() (*Kubectl, error) {
	c, err := dynamic.NewForConfig(r.Config)
	return &Kubectl{c}, err
}

// kinds are the resources by the names that kubectl knows.
func kind(name string) schema.GroupVersionResource {
	r := schema.GroupVersionResource{Version: "v1", Resource: name}
	switch name {
	case "ingresses":
		r.Group = "networking.k8s.io"
	case "gateways", "virtualservices", "destinationrules":
		r.Group = "networking.istio.io"
	case "envoyfilters":
		r.Group, r.Version = "networking.istio.io", "v1alpha3"
	case "migrations", "ingresstranslations":
		r.Group, r.Version = "ingress2gw.io", "v1alpha1"
	}
	return r
}

// List gives the objects of a kind in all namespaces, in the order of the API server.
func (k *Kubectl) List(ctx context.Context, name, selector string) ([]unstructured.Unstructured, error) {
	list, err := k.client.Resource(kind(name)).List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", name, err)
	}
	return list.Items, nil
}

// Get reads an object.
func (k *Kubectl) Get(ctx context.Context, kindName, namespace, name string) (*unstructured.Unstructured, error) {
	return k.client.Resource(kind(kindName)).Namespace(namespace).Get(ctx, name, metav1.GetOptions{})
}

// Patch changes an object; namespace is "" for kinds without.
func (k *Kubectl) Patch(ctx context.Context, kindName, namespace, name string, patch map[string]any) error {
	data, err := json.Marshal(patch)
	if err != nil {
		return err
	}
	var in dynamic.ResourceInterface = k.client.Resource(kind(kindName))
	if namespace != "" {
		in = k.client.Resource(kind(kindName)).Namespace(namespace)
	}
	_, err = in.Patch(ctx, name, types.MergePatchType, data, metav1.PatchOptions{FieldManager: "somebody"})
	return err
}

// Annotate sets annotations; a nil value removes one.
func (k *Kubectl) Annotate(ctx context.Context, kindName, namespace, name string, annotations map[string]any) error {
	return k.Patch(ctx, kindName, namespace, name, map[string]any{"metadata": map[string]any{"annotations": annotations}})
}

// Delete deletes an object.
func (k *Kubectl) Delete(ctx context.Context, kindName, namespace, name string) error {
	return k.client.Resource(kind(kindName)).Namespace(namespace).Delete(ctx, name, metav1.DeleteOptions{})
}

// State is what an IngressTranslation says.
type State struct {
	Namespace, Name, Phase, Wanted, Reason string
	Ready                                  bool
}

// States reads all IngressTranslations.
func (k *Kubectl) States(ctx context.Context) (out []State, err error) {
	list, err := k.List(ctx, "ingresstranslations", "")
	if err != nil {
		return nil, err
	}
	for i := range list {
		s := State{Namespace: list[i].GetNamespace(), Name: list[i].GetName()}
		s.Phase, _, _ = unstructured.NestedString(list[i].Object, "status", "phase")
		s.Wanted, _, _ = unstructured.NestedString(list[i].Object, "status", "wantedPhase")
		conditions, _, _ := unstructured.NestedSlice(list[i].Object, "status", "conditions")
		for _, c := range conditions {
			if c, ok := c.(map[string]any); ok && c["type"] == "Ready" {
				s.Reason, _ = c["reason"].(string)
				s.Ready = c["status"] == "True"
			}
		}
		out = append(out, s)
	}
	return out, nil
}
