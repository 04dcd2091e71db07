package postgres

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
)

// settings returns the arguments of the postmaster: durable to the full, tuned for many short
// transactions on an SSD, overridden by Config.Settings, and at the end what isn't negotiable.
func (s *Server) settings() []string {
	all := map[string]string{
		"fsync":                       "on",
		"full_page_writes":            "on",
		"synchronous_commit":          "on",
		"wal_compression":             s.wal,
		"max_connections":             "100",
		"shared_buffers":              "128MB",
		"random_page_cost":            "1.1",
		"jit":                         "off", // compiling costs more than any of our queries takes
		"timezone":                    "UTC",
		"log_timezone":                "UTC",
		"standard_conforming_strings": "on",
		"password_encryption":         "scram-sha-256",
		"log_line_prefix":             "%m [%p] %q%u@%d ",
		"log_min_error_statement":     "panic", // statements carry their values: people's data stays out of the log
		"log_parameter_max_length":    "0",
		"log_checkpoints":             "off",
		"ssl":                         "off",
		"unix_socket_permissions":     "0700",
	}
	maps.Copy(all, s.cfg.Settings)
	maps.Copy(all, map[string]string{
		"listen_addresses":        "",
		"port":                    port,
		"unix_socket_directories": s.place.run,
		"cluster_name":            s.place.clusterName(),
		"log_destination":         "stderr",
		"logging_collector":       "off",
	})
	args := []string{"-D", s.place.data()}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		args = append(args, "-c", name+"="+all[name])
	}
	return args
}

// clusterName stands in the title of every process of the cluster, which is how leftovers are
// told from other clusters' processes: titles can be read without any privilege, the working
// folder of another user's process can't (not even by root, in most containers).
func (p *place) clusterName() string {
	h := fnv.New64a()
	h.Write([]byte(p.data())) // never fails
	return fmt.Sprintf("orbit360-%016x", h.Sum64())
}
