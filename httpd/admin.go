package httpd

import (
	"context"
	"net/http"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// AdminStatus is how a server and its database stand.
type AdminStatus struct {
	Database  DatabaseStatus  `json:"database"`
	Writes    WriteStatus     `json:"writes"`
	Backups   BackupStatus    `json:"backups"`
	Retention RetentionStatus `json:"retention"`
	Audit     AuditStatus     `json:"audit"`
	Queue     int             `json:"queue" doc:"Changes that wait to be written."`
}

// The parts of AdminStatus.
type (
	// DatabaseStatus is what the database is.
	DatabaseStatus struct {
		Kind     string `json:"kind" enum:"sqlite,postgres,memory"`
		Schema   int64  `json:"schema"`
		Bytes    int64  `json:"size_bytes"`
		WALBytes int64  `json:"wal_bytes"`
	}
	// WriteStatus is whether writes are durable.
	WriteStatus struct {
		Mode        string       `json:"mode" enum:"durable,memory,refused" doc:"memory: the database cannot be written, changes are held. refused: its file is damaged."`
		Since       *olorin.Time `json:"since"`
		HeldChanges int          `json:"held_changes"`
		HeldBytes   int64        `json:"held_bytes"`
		Error       string       `json:"error,omitempty"`
	}
	// BackupStatus is what is known of the scheduled backups.
	BackupStatus struct {
		Directory  string        `json:"directory"`
		EveryHours int           `json:"every_hours" doc:"0: none are scheduled, as on PostgreSQL."`
		Keep       int           `json:"keep"`
		Last       *store.Backup `json:"last" doc:"The last that this process made."`
		LastError  string        `json:"last_error,omitempty"`
		Rehearsal  *Rehearsal    `json:"last_rehearsal"`
		Items      []BackupItem  `json:"items" doc:"Those that are kept, newest first."`
	}
	// Rehearsal is a restore into a temporary file.
	Rehearsal struct {
		At     olorin.Time `json:"at"`
		OK     bool        `json:"ok"`
		File   string      `json:"file"`
		Detail string      `json:"detail"`
	}
	// BackupItem is a file of a backup.
	BackupItem struct {
		File  string      `json:"file"`
		At    olorin.Time `json:"at"`
		Bytes int64       `json:"bytes"`
	}
	// RetentionStatus is for how long finished, archived investigations are kept.
	RetentionStatus struct {
		MaxAgeDays int `json:"max_age_days"`
	}
	// AuditStatus is the newest head of the audit trail.
	AuditStatus struct {
		Size     int64        `json:"size"`
		Root     string       `json:"root"`
		SignedAt *olorin.Time `json:"signed_at"`
	}
)

// Admin is what administrators may see and do.
type Admin struct {
	Status func(ctx context.Context) (AdminStatus, error)
	Backup func(ctx context.Context) (store.Backup, error)
}

// adminOnly refuses everybody else.
func adminOnly(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if actorOf(r).Role != olorin.RoleAdmin {
			return olorin.Errorf(olorin.CodeForbidden, "this is for the role admin")
		}
		return h(w, r)
	}
}

func (s *Server) adminStatus(w http.ResponseWriter, r *http.Request) error {
	st, err := s.Admin.Status(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return writeJSON(w, http.StatusOK, st)
}

// adminBackup makes a backup now.
func (s *Server) adminBackup(w http.ResponseWriter, r *http.Request) error {
	if _, err := body[noBody](s, r); err != nil {
		return err
	}
	b, err := s.Admin.Backup(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, b)
}
