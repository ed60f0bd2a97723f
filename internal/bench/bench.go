// Package bench measures the command line tool on fleets of Ingresses: time and memory as ratios against a baseline of the same
// run, so that the figures of one machine say something about another.
package bench

import (
	"bytes"
	"fmt"
	"io"
	"os"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"
)

// Baseline decodes a file of Ingresses and Services document by document into their Kubernetes types, which is how most tools
// begin, and does nothing with them. It gives the number of objects.
func Baseline(path string) (int, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	n := 0
	for doc := range bytes.SplitSeq(data, []byte("\n---\n")) {
		var into any
		switch {
		case bytes.Contains(doc, []byte("kind: Ingress\n")):
			into = &netv1.Ingress{}
		case bytes.Contains(doc, []byte("kind: Service\n")):
			into = &corev1.Service{}
		default:
			continue
		}
		if err := yaml.Unmarshal(doc, into); err != nil {
			return 0, fmt.Errorf("decoding document %d: %w", n+1, err)
		}
		n++
	}
	return n, nil
}

// heavySettings let the controller, and so the translation, accept all that heavy Ingresses carry.
const heavySettings = `apiVersion: v1
kind: ConfigMap
metadata: {name: ingress-nginx-controller, namespace: ingress-nginx}
data:
  allow-snippet-annotations: "true"
  annotations-risk-level: Critical
  global-allowed-response-headers: X-Extra
---
apiVersion: v1
kind: ConfigMap
metadata: {name: extra-headers, namespace: ingress-nginx}
data: {X-Extra: "1"}
`

// onePath writes n Ingresses that all want one path of one host, with their Services: the worst case for what compares
// Ingresses with each other.
func onePath(w io.Writer, n int) error {
	for i := range n {
		_, err := fmt.Fprintf(w, `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: app-%05[1]d
  namespace: team
spec:
  ingressClassName: nginx
  rules:
  - host: one.example.com
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: web-%05[1]d
            port:
              number: 80
---
apiVersion: v1
kind: Service
metadata:
  name: web-%05[1]d
  namespace: team
spec:
  ports:
  - name: http
    port: 80
---
`, i)
		if err != nil {
			return err
		}
	}
	return nil
}
