// Package operators uses the real program as those who run it do: by its environment, its signals, its database, its
// metrics, its log, and by plain HTTP. It holds what documents promise operators: of starts and ends, keys, kills,
// monitoring, poolers, mail servers, crowds, and databases of earlier releases.
//
// -make-release keeps the database of a release for TestReleases.
package operators
