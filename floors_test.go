package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "orbit360.app"

// floors is the house: a room is a folder at the root, and a room may know those below its own floor.
// The table in README.md says what each is for; a new room is added in both.
var floors = map[string]int{
	"orbit": 0, "static": 0, "migrations": 0,
	"store": 1, "themes": 1, "mail": 1,
	"views":     2,
	"provision": 3, "domains": 3, "payments": 3, "backup": 3,
	"handlers": 4,
	"":         5, "bench": 5,
}

// shared are the packages that the other packages of their room may know. Beyond these a package
// knows its parent; two children of one room don't know each other.
var shared = []string{"handlers/kit", "views/ui"}

// wired are the rooms whose root knows its children, because putting them together is what it is for.
var wired = []string{"handlers"}

// onlyTests are packages that tests alone may know.
var onlyTests = []string{"store/storetest", "themes/themetest"}

// keys are the libraries that belong to certain rooms: whatever begins with the path is for these
// alone. The longest path counts. bench measures, and may reach for anything.
var keys = map[string][]string{
	"github.com/gofiber":                 {"handlers"},
	"github.com/valyala/fasthttp":        {"handlers"},
	"github.com/fasthttp":                {"handlers"},
	"github.com/alexedwards":             {"handlers"},
	"github.com/danielgtaylor/huma":      {"handlers"},
	"github.com/golang-jwt":              {"handlers"},
	"riverqueue.com/riverui":             {"handlers"},
	"github.com/a-h/templ":               {"views", "themes", "mail", "handlers"},
	"github.com/uptrace/bun":             {"store"},
	"github.com/jackc/pgx":               {"store"},
	"github.com/jackc/pgx/v5":            {"store"},
	"database/sql":                       {"store"},
	"database/sql/driver":                {"store", "orbit"}, // an id knows how it is written down
	"github.com/riverqueue":              {"store", "provision"},
	"github.com/fergusstrange":           {"store"},
	"github.com/wneessen":                {"mail"},
	"github.com/caarlos0/env":            {""},
	"github.com/caddyserver/certmagic":   {"domains"},
	"github.com/libdns":                  {"domains"},
	"github.com/stripe/stripe-go":        {"payments"},
	"net/http":                           {"", "handlers", "domains", "payments", "backup"},
	"os/exec":                            {"store", "backup"},
	"github.com/PuerkitoBio/goquery":     {"themes"}, // themetest
	"github.com/google/go-cmp":           {"themes"},
	"github.com/chromedp":                {},
	"pgregory.net/rapid":                 {},
	"github.com/emersion":                {},
	"github.com/letsencrypt/pebble":      {},
	"github.com/Shopify/toxiproxy":       {},
	"github.com/riverqueue/river":        {"store", "provision"},
	"github.com/jackc/pgx/v5/pgxpool":    {"store"},
	"github.com/jackc/pgx/v5/pgconn":     {"store"},
	"github.com/jackc/pgx/v5/stdlib":     {"store"},
	"github.com/jackc/pgx/v5/pgtype":     {"store"},
	"github.com/riverqueue/rivercontrib": {"provision"},
}
