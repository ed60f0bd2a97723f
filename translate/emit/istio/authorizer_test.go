package istio

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/internal/authorizer"
)

// TestTheAuthorizerIsWhereTheGatewayAsks holds the manifests and the program against what is emitted.
func TestTheAuthorizerIsWhereTheGatewayAsks(t *testing.T) {
	read := func(name string, into any) {
		t.Helper()
		b, err := os.ReadFile(filepath.Join("../../../deploy/basic-auth", name))
		require.NoError(t, err)
		require.NoError(t, yaml.UnmarshalStrict(b, into))
	}
	var service corev1.Service
	read("service.yaml", &service)
	var deployment appsv1.Deployment
	read("deployment.yaml", &deployment)
	require.Len(t, service.Spec.Ports, 1)
	require.Len(t, deployment.Spec.Template.Spec.Containers, 1)
	container := deployment.Spec.Template.Spec.Containers[0]
	got := map[string]string{
		"service":        service.Name,
		"port":           itoa(int(service.Spec.Ports[0].Port)),
		"container port": ":" + itoa(int(container.Ports[0].ContainerPort)),
		"folder":         container.VolumeMounts[0].MountPath,
		"path":           authorizer.CheckPath,
		"header":         strings.ToLower(authorizer.Header),
		"default folder": authorizer.DefaultRoot,
	}
	want := map[string]string{
		"service":        authorizerService,
		"port":           itoa(authorizerPort),
		"container port": authorizer.DefaultAddress,
		"folder":         authorizerRoot,
		"path":           authorizerPath,
		"header":         headerUsers,
		"default folder": authorizerRoot,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-gateway +authorizer):\n%s", d)
	}
}
