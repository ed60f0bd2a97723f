package main

import "runtime"

// Variant is an image for a platform, with the arguments of a command line.
type Variant struct {
	Name         string
	File         string
	Program      string // which is all that it adds to its base
	Architecture string
	Args         map[string]string
}

// given is the version of builds that say one.
const given = "v1.2.3-given"

// Variants are those that are built: each image for each platform, and for this machine with a version.
func Variants() (all []Variant) {
	version := map[string]string{"VERSION": given}
	for _, architecture := range []string{"amd64", "arm64"} {
		all = append(all,
			Variant{"operator-" + architecture, "deploy/Dockerfile", "/operator", architecture, nil},
			Variant{"basic-auth-" + architecture, "deploy/basic-auth/Dockerfile", "/basic-auth", architecture, nil},
			Variant{"fn-" + architecture, "deploy/fn/Dockerfile", "/ingress2gw", architecture, nil},
		)
	}
	return append(all,
		Variant{"operator-version", "deploy/Dockerfile", "/operator", runtime.GOARCH, version},
		Variant{"fn-version", "deploy/fn/Dockerfile", "/ingress2gw", runtime.GOARCH, version},
	)
}
