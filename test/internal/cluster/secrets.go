package cluster

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/keys"
)

// DefaultCertificate is the Secret beside the gateway that stands for the controller's own certificate.
const DefaultCertificate = "i2g-default-certificate"

func (cl *Cluster) addSecrets(c *casefile.Case, ring *keys.Ring) error {
	for _, s := range c.PKI.Secrets {
		namespace, name, _ := strings.Cut(s.Secret, "/")
		secret := newSecret(namespace, name, corev1.SecretTypeOpaque)
		if s.Cert != "" {
			secret.Type = corev1.SecretTypeTLS
			fill(secret, ring.Certs[s.Cert])
		}
		if s.CA != "" {
			secret.Data["ca.crt"] = ring.CAs[s.CA].CertPEM
		}
		cl.add(secret)
	}
	own, err := keys.SelfSigned("Ingress Controller Fake Certificate", "ingress.local")
	if err != nil {
		return err
	}
	secret := newSecret(GatewayNamespace, DefaultCertificate, corev1.SecretTypeTLS)
	fill(secret, own)
	cl.add(secret)
	return nil
}

func newSecret(namespace, name string, kind corev1.SecretType) *corev1.Secret {
	return &corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
		Type:       kind,
		Data:       map[string][]byte{},
	}
}

func fill(s *corev1.Secret, p *keys.Pair) {
	s.Data[corev1.TLSCertKey], s.Data[corev1.TLSPrivateKeyKey] = p.CertPEM, p.KeyPEM
}

// CopySecrets puts a copy of every Secret beside the gateway under its own name, which is what hand-written
// translations count on.
func (cl *Cluster) CopySecrets() {
	var copies []runtime.Object
	for _, o := range cl.Objects {
		if s, ok := o.(*corev1.Secret); ok && s.Namespace != GatewayNamespace {
			c := s.DeepCopy()
			c.Namespace = GatewayNamespace
			copies = append(copies, c)
		}
	}
	cl.add(copies...)
}
