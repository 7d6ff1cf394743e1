// sifguard.yaml, the node's configuration. Read by root through trusted_file.h; strict YAML.
// Its fields are those of Config, each optional, and `version: 1`; paths are absolute and normal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/base/trusted_file.h"
#include "keystore/policy/release.h"

namespace sifguard {

/// Which steps must name an image.
enum class Enforce { requested, partitions, always };

/// What happens to an enforced step if users could trace the programs that start it (hardening.h).
enum class Hardening { require, warn };

struct Config {
  std::string keystore;  ///< absolute directory
  std::string runtime;   ///< absolute path of apptainer or singularity
  std::string cache;     ///< absolute directory for staged images
  std::uint64_t cache_max_bytes =
      64ULL << 30;  ///< beyond that, the least recently used entries are evicted
  std::uint64_t cache_max_bytes_per_user = 0;   ///< 0: half of cache_max_bytes
  std::uint64_t image_max_bytes = 64ULL << 30;  ///< larger images are refused early
  /// Registries and web servers, HOST[:PORT], that may be asked without TLS.
  std::vector<std::string> plain_registries;
  std::string library = "library.sylabs.io";  ///< HOST[:PORT] for library:// URIs without a host
  std::string published;                      ///< absolute directory of published images
  std::string audit_file;                     ///< absolute
  bool audit_required = true;                 ///< a launch that cannot be recorded is refused
  int refusals_per_minute = 100;  ///< so many of one user are recorded; more are counted
  std::string gpg;                ///< absolute path
  /// Where Slurm makes the directories of PMIx clients: mpi.conf's PMIxCliTmpDirBase, or
  /// slurm.conf's TmpFS. Absolute.
  std::string pmix_tmpdir = "/tmp";
  std::string squeue;          ///< absolute path; asked for facts of a job
  std::string verifier_user;   ///< no-login account that parses images
  int stage_timeout_s = 1800;  ///< for opening one image, for waiting, and for copying it
  int verify_timeout_s = 600;
  /// File system types on which identity numbers of files are trusted (names as in statfs tables).
  std::vector<std::string> trusted_filesystems;
  /// How to check that the certificate of an X.509 signer is not revoked: "crl", "ocsp",
  /// "ocsp-then-crl", or "off".
  std::string revocation = "crl";
  Release release = Release::pem;                  ///< for images whose bindings do not say
  MountDriver mount_driver = MountDriver::kernel;  ///< for roots with Release::mount
  std::string squashfuse;                ///< absolute path of squashfuse_ll, for MountDriver::fuse
  Enforce enforce = Enforce::requested;  ///< `requested`: only steps that ask for an image
  bool enforce_said = false;             ///< the file has the field
  bool says_anything =
      false;  ///< the file is not empty; a file with only comments means the defaults
  std::vector<std::string> enforced_partitions;  ///< with Enforce::partitions; not empty then
  Hardening enforce_hardening = Hardening::require;
};

/// Defaults: paths.h, published /srv/sifguard, runtime /usr/bin/apptainer, gpg /usr/bin/gpg,
/// squeue /usr/bin/squeue, squashfuse /usr/bin/squashfuse_ll, verifier_user sifguard,
/// trusted_filesystems ext4 xfs btrfs tmpfs overlay.
[[nodiscard]] Config default_config();

/// Errors: Code::config, "sifguard.yaml:LINE: …". Sizes take KiB, MiB, GiB, TiB suffixes.
[[nodiscard]] Result<Config> parse_config(std::string_view yaml);

/// Reads the trusted file. If it is absent, the defaults apply, provided that every existing
/// directory above it can be trusted (otherwise somebody else could have removed the file).
[[nodiscard]] Result<Config> load_config(const std::string& path, Trust trust);

}  // namespace sifguard
