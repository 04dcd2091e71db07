package api_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The programs that read the document here as strangers would, with the versions that were tried.
const (
	redocly    = "@redocly/cli@2.77.0"
	spectral   = "@stoplight/spectral-cli@6.16.3"
	typeScript = "typescript@5.9.3"
	generator  = "openapi-typescript@7.13.0"
)

// client uses the generated types as a program would; it doesn't compile if they say less than the contract.
const client = `import type { components, paths } from "./schema";

type Status = components["schemas"]["Status"];
type Activate = paths["/api/provisioning/merchants/{id}/activate"]["post"];
const order: Activate["requestBody"]["content"]["application/json"] = {
  theme: "upfront-modern", plan: "professional", subdomain: "awesome-store", customDomain: null,
  category: "electronics",
  integrations: { stripe: true }, goLive: false,
};
// @ts-expect-error there is no such category
const wrong: typeof order = { ...order, category: "guns" };

export async function website(api: string, token: string, id: string): Promise<string | null> {
  const answer = await fetch(api + "/api/provisioning/merchants/" + id + "/activate", {
    method: "POST", body: JSON.stringify(order), headers: { Authorization: "Bearer " + token },
  });
  if (!answer.ok) {
    const problem: components["schemas"]["Problem"] = await answer.json();
    throw new Error(problem.errors.map((e) => e.location + ": " + e.message).join("\n"));
  }
  const status: Status = await answer.json();
  const step: "pending" | "running" | "done" | "failed" | "undone" | undefined = status.steps[0]?.status;
  const limits: components["schemas"]["Plan"]["limits"]["products"] = null;
  console.log(step, limits, wrong, status.theme?.slug, status.completedAt ?? "not yet");
  return status.deployment?.websiteUrl ?? null;
}
`

// TestStrangersReadTheDocument needs npm's registry, so it runs where it is asked for: NPM_TESTS=1.
func TestStrangersReadTheDocument(t *testing.T) {
	t.Parallel()
	if os.Getenv("NPM_TESTS") != "1" {
		t.Skip("set NPM_TESTS=1 to run it: it takes programs from npm")
	}
	if _, err := exec.LookPath("npx"); err != nil {
		t.Skip("npx isn't installed")
	}
	p := newPlatform(t)
	dir := t.TempDir()
	write := func(name string, content []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("openapi.json", p.do("GET", "/api/openapi.json", nil, anonymous).want(t, 200).raw)
	write("openapi.yaml", p.do("GET", "/api/openapi.yaml", nil, anonymous).want(t, 200).raw)
	// Scopes may stand at any kind of credential since OpenAPI 3.1 (4.8.30, Security Requirement Object); the rule knows
	// those of OAuth alone. That each credential is defined is Redocly's security-defined.
	write(".spectral.yaml", []byte("extends: [\"spectral:oas\"]\nrules: {oas3-operation-security-defined: off}\n"))
	write("client.ts", []byte(client))
	for _, command := range []string{
		"-p " + redocly + " redocly lint --extends=recommended openapi.json openapi.yaml",
		"-p " + spectral + " spectral lint --fail-severity=warn openapi.json",
		"-p " + generator + " -p " + typeScript + " openapi-typescript openapi.json -o schema.d.ts",
		"-p " + typeScript +
			" tsc --strict --noUncheckedIndexedAccess --target es2022 --module es2022 --lib es2022,dom --noEmit client.ts " +
			"schema.d.ts",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		cmd := exec.CommandContext(ctx, "npx", append([]string{"--yes"}, strings.Fields(command)...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "REDOCLY_TELEMETRY=off", "SCARF_ANALYTICS=false",
			"REDOCLY_SUPPRESS_UPDATE_NOTICE=true", "NO_COLOR=1")
		out, err := cmd.CombinedOutput()
		cancel()
		if err != nil {
			t.Errorf("npx %s: %v\n%.6000s", command, err, out)
		}
	}
}
