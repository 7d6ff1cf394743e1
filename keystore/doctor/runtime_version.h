// What a container runtime says about its version. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sifguard {

struct RuntimeVersion {
  bool apptainer = false;  ///< else SingularityCE, or Singularity before either
  int major = 0;
  int minor = 0;
  int patch = 0;
  std::string shown;  ///< the line as it was printed
};

/// From `RUNTIME --version`: "apptainer version 1.4.5-1", "singularity-ce version 4.1.0".
[[nodiscard]] std::optional<RuntimeVersion> parse_runtime_version(std::string_view output);

/// Why it is too old; empty if it is not. Apptainer opens images encrypted by unprivileged builders
/// (gocryptfs) from 1.2 on. Singularity has --pem-path with RSA keys from 3.4 on; before 3.8.1 it
/// escapes backslashes in SINGULARITYENV_NAME, so that no value of `--sif-env` with '$', a
/// backquote or a backslash arrives unchanged.
[[nodiscard]] std::string too_old(const RuntimeVersion& version);

}  // namespace sifguard
