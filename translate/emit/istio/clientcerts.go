package istio

import (
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// clientCertificates makes a server ask for client certificates. The name of the CA's Secret must end in -cacert although
// the Secret's own does not: istiod strips the suffix.
func (e *emitter) clientCertificates(h *model.Host, t *networking.ServerTLSSettings) {
	c := h.ClientCerts
	t.Mode = networking.ServerTLSSettings_MUTUAL
	t.CaCertCredentialName = e.secrets.credential(e, *c.CA, secretCA) + "-cacert"
}
