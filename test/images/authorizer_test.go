package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/yaml"
)

// The image of basic-auth serves as its Deployment starts it, with a Secret mounted.
func TestTheAuthorizerAnswers(t *testing.T) {
	i := built(t)["basic-auth-"+runtime.GOARCH]
	text, err := os.ReadFile("../../deploy/basic-auth/deployment.yaml")
	require.NoError(t, err)
	d := &appsv1.Deployment{}
	require.NoError(t, yaml.UnmarshalStrict(text, d))
	secrets := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(secrets, "shop.staff"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(secrets, "shop.staff", "auth"), []byte("ada:{SHA}MJgvYgf2tRctgBqviyzN0HpBdyY=\n"), 0o644)) // lovelace
	r := start(t, asPod(t, i, d, nil, map[string]string{"htpasswd": secrets}))
	r.ready(d)
	r.confined()
	for password, want := range map[string]int{"lovelace": http.StatusOK, "byron": http.StatusUnauthorized} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:8080/check", nil)
		require.NoError(t, err)
		request.SetBasicAuth("ada", password)
		request.Header.Set("X-I2g-Users", "auth-file/shop.staff")
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		if response.StatusCode != want {
			t.Errorf("with the password %s: %d", password, response.StatusCode)
		}
	}
	r.stop()
}

// get wants an answer 200.
func get(address string) error {
	response, err := http.Get(address)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", address, response.Status)
	}
	return nil
}
