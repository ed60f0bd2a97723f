package pilot

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ingress2gw/ingress2gw/test/internal/apiserver"
	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
)

// Admission is what became of objects that were shown to the API server, without being stored.
type Admission struct {
	Objects  int
	Refused  []string
	Warnings []string
}

// Admit shows objects to the API server and to Istio's webhook. The namespaces that they name are created and stay.
func (s *Stage) Admit(stream string) (*Admission, error) {
	docs, err := apiserver.Decode(stream)
	if err != nil {
		return nil, err
	}
	s.client.Warnings() // of what is none of these objects
	out := &Admission{Objects: len(docs)}
	for _, d := range docs {
		if err := s.ensureNamespace(d.GetNamespace()); err != nil {
			return nil, err
		}
		if err := s.client.Try(d); err != nil {
			out.Refused = append(out.Refused, fmt.Sprintf("%s: %v", casefile.Object(d.Object), err))
		}
	}
	out.Warnings = s.client.Warnings()
	return out, nil
}

func (s *Stage) ensureNamespace(name string) error {
	if name == "" || s.namespaces[name] {
		return nil
	}
	if s.namespaces == nil {
		s.namespaces = map[string]bool{}
	}
	s.namespaces[name] = true
	return s.client.Keep(&unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name},
	}})
}
