// Package load reads the input of a translation, from files, folders, standard input, kustomizations or a cluster. It is the
// only reader of disk and cluster.
package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Options say what to read. Without Filenames and Kustomize it is the cluster that Config names.
type Options struct {
	Filenames []string                            // files, folders, URLs, or "-" for Stdin
	Recursive bool                                // read folders within folders
	Kustomize string                              // folder of a kustomization
	Build     func(folder string) ([]byte, error) // gives the objects of a kustomization
	Stdin     io.Reader

	// Namespace restricts the Ingresses, and is where objects without a namespace belong. For a cluster "" means the
	// namespace of the kubeconfig's context.
	Namespace     string
	AllNamespaces bool
	Selector      string // of labels; restricts the Ingresses

	Config Config // how to reach the cluster

	// NamespaceLabels also reads from a cluster the labels of Namespace, if it is the only one that is read.
	NamespaceLabels bool

	// SecretContents also reads the content of the Secrets that Ingresses of a cluster refer to, and of those in Secrets.
	// Otherwise only their names and types leave the API server.
	SecretContents bool
	Secrets        []snapshot.Key // further Secrets to read from a cluster
	ConfigMaps     []snapshot.Key // ConfigMaps to read from a cluster, besides those of ingress-nginx and those Ingresses refer to
}

// Config says how to reach a cluster.
type Config interface {
	ToRESTConfig() (*rest.Config, error)
	ToRawKubeConfigLoader() clientcmd.ClientConfig
}

// Load reads the input. The error is for what cannot be read at all; what is wrong with the content is in the snapshot's
// findings.
func Load(ctx context.Context, o Options) (*snapshot.Snapshot, error) {
	r := newReader(snapshot.New(), o)
	if o.Selector != "" {
		s, err := labels.Parse(o.Selector)
		if err != nil {
			return nil, fmt.Errorf("reading the label selector: %w", err)
		}
		r.filter.selector = s
	}
	if err := r.load(ctx, o); err != nil {
		return nil, err
	}
	r.finish()
	return r.snapshot, nil
}

func (r *reader) load(ctx context.Context, o Options) error {
	if len(o.Filenames) == 0 && o.Kustomize == "" {
		return r.cluster(ctx, o)
	}
	if len(o.Filenames) > 0 && o.Kustomize != "" {
		return errors.New("files and a kustomization cannot be read together")
	}
	if o.Kustomize != "" {
		return r.kustomization(o)
	}
	return r.files(ctx, o)
}

// ConfigMapFile reads a file that holds one ConfigMap.
func ConfigMapFile(path string) (*snapshot.ConfigMap, error) {
	s := snapshot.New()
	r := newReader(s, Options{})
	if err := r.fileNamed(path); err != nil {
		return nil, err
	}
	r.finish()
	var problems []string
	for _, f := range s.Findings.Sorted() {
		if f.Severity() == finding.Error {
			problems = append(problems, f.Origin.Place()+": "+f.Message())
		}
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("reading a ConfigMap: %s", strings.Join(problems, "; "))
	}
	if len(s.ConfigMaps) != 1 {
		return nil, fmt.Errorf("reading a ConfigMap: %s holds %d ConfigMaps, not one", path, len(s.ConfigMaps))
	}
	for _, c := range s.ConfigMaps {
		return c, nil
	}
	return nil, nil
}
