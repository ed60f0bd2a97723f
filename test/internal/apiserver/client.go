package apiserver

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// Manager is the field manager of what is applied.
const Manager = "conformance"

// Client applies objects and remembers them, so that they can be removed again. It is not safe for concurrent use.
type Client struct {
	dynamic  dynamic.Interface
	mapper   *restmapper.DeferredDiscoveryRESTMapper
	warnings *warnings
	applied  []Applied
}

// Applied is an object as the server has stored it.
type Applied struct {
	Object   *unstructured.Unstructured
	resource dynamic.ResourceInterface
}

// NewClient returns a client without memory.
func NewClient(config *rest.Config) (*Client, error) {
	c := &Client{warnings: &warnings{}}
	config = rest.CopyConfig(config)
	config.WarningHandler = c.warnings
	d, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	c.mapper = restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(d))
	c.dynamic, err = dynamic.NewForConfig(config)
	return c, err
}

// Apply is a server-side apply, as `kubectl apply --server-side --force-conflicts` does it: unknown fields are refused,
// defaults are filled in, and admission has its say. Remove undoes it.
func (c *Client) Apply(o *unstructured.Unstructured) error {
	resource, err := c.resource(o)
	if err != nil {
		return err
	}
	stored, err := put(resource, o)
	if err == nil {
		c.applied = append(c.applied, Applied{Object: stored, resource: resource})
	}
	return err
}

// Keep is Apply for what stays.
func (c *Client) Keep(o *unstructured.Unstructured) error {
	resource, err := c.resource(o)
	if err == nil {
		_, err = put(resource, o)
	}
	return err
}

func put(resource dynamic.ResourceInterface, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	stored, err := resource.Apply(context.Background(), o.GetName(), o, metav1.ApplyOptions{FieldManager: Manager, Force: true})
	if err != nil {
		return nil, err
	}
	if o.Object["status"] == nil {
		return stored, nil
	}
	return resource.ApplyStatus(context.Background(), o.GetName(), o, metav1.ApplyOptions{FieldManager: Manager, Force: true})
}

// Try is Apply without storing anything.
func (c *Client) Try(o *unstructured.Unstructured) error {
	resource, err := c.resource(o)
	if err != nil {
		return err
	}
	_, err = resource.Apply(context.Background(), o.GetName(), o, metav1.ApplyOptions{FieldManager: Manager, Force: true, DryRun: []string{metav1.DryRunAll}})
	return err
}

// Get returns the object as it is stored.
func (c *Client) Get(o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	resource, err := c.resource(o)
	if err != nil {
		return nil, err
	}
	return resource.Get(context.Background(), o.GetName(), metav1.GetOptions{})
}

func (c *Client) resource(o *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	kind := o.GroupVersionKind()
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return nil, err
	}
	if mapping.Scope.Name() != meta.RESTScopeNameNamespace {
		return c.dynamic.Resource(mapping.Resource), nil
	}
	namespace := o.GetNamespace()
	if namespace == "" {
		namespace = metav1.NamespaceDefault
	}
	return c.dynamic.Resource(mapping.Resource).Namespace(namespace), nil
}

// Applied are the objects since the last Remove.
func (c *Client) Applied() []Applied { return c.applied }

// Warnings returns what the server remarked since the last call.
func (c *Client) Warnings() []string { return c.warnings.take() }

// removePatience bounds the wait for one object to be gone; without finalizers it is gone at once.
const removePatience = 10 * time.Second

// Remove deletes what was applied, the last first, and waits until it is gone. Namespaces stay, since emptying them is a
// controller's work.
func (c *Client) Remove() error {
	var errs []error
	for i := len(c.applied) - 1; i >= 0; i-- {
		if a := c.applied[i]; a.Object.GetKind() != "Namespace" {
			errs = append(errs, a.remove())
		}
	}
	c.applied = nil
	return errors.Join(errs...)
}

func (a Applied) remove() error {
	name, ctx := a.Object.GetName(), context.Background()
	now := int64(0)
	err := a.resource.Delete(ctx, name, metav1.DeleteOptions{GracePeriodSeconds: &now})
	for start := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		if apierrors.IsNotFound(err) {
			return nil
		}
		if err != nil || time.Since(start) > removePatience {
			return fmt.Errorf("%s %s/%s is not removed: %w", a.Object.GetKind(), a.Object.GetNamespace(), name, err)
		}
		_, err = a.resource.Get(ctx, name, metav1.GetOptions{})
	}
}
