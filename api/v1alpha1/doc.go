// Package v1alpha1 is the operator's API: what is to be migrated, and what becomes of each Ingress.
//
// +kubebuilder:object:generate=true
// +groupName=ingress2gw.io
package v1alpha1

//go:generate go tool -modfile=../../go.tool.mod controller-gen object paths=. crd:maxDescLen=600 output:crd:dir=../../deploy/crds
