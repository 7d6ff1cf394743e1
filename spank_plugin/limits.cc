// The limits that srun and sbatch propagate. The task, as the user.
#include "spank_plugin/limits.h"

#include <sys/resource.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace sifguard {
namespace {

constexpr char kPrefix[] = "SLURM_RLIMIT_";

struct Limit {
  const char* name;
  __rlimit_resource_t resource;
};

constexpr Limit kLimits[] = {
    {"CPU", RLIMIT_CPU},     {"FSIZE", RLIMIT_FSIZE},   {"DATA", RLIMIT_DATA},
    {"STACK", RLIMIT_STACK}, {"CORE", RLIMIT_CORE},     {"RSS", RLIMIT_RSS},
    {"NPROC", RLIMIT_NPROC}, {"NOFILE", RLIMIT_NOFILE}, {"MEMLOCK", RLIMIT_MEMLOCK},
    {"AS", RLIMIT_AS},
};

/// `value`: a number, behind a 'U' if srun --propagate asked for it.
void set_limit(__rlimit_resource_t resource, const char* value) {
  if (*value == 'U') ++value;
  char* end = nullptr;
  errno = 0;
  const unsigned long long number = strtoull(value, &end, 10);
  if (end == value || *end != '\0' || errno != 0) return;
  struct rlimit limit {};
  if (getrlimit(resource, &limit) != 0) return;
  limit.rlim_cur = static_cast<rlim_t>(number);
  if (limit.rlim_max != RLIM_INFINITY && limit.rlim_cur > limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
  }
  (void)setrlimit(resource, &limit);  // as Slurm: a limit that cannot be set stays as it is
}

/// Whether `variable` was one.
bool take_limit(const char* variable) {
  if (strncmp(variable, kPrefix, sizeof kPrefix - 1) != 0) return false;
  const char* const name = variable + sizeof kPrefix - 1;
  for (const Limit& limit : kLimits) {
    const std::size_t size = strlen(limit.name);
    if (strncmp(name, limit.name, size) != 0 || name[size] != '=') continue;
    set_limit(limit.resource, name + size + 1);
    return true;
  }
  return false;
}

}  // namespace

char** propagate_limits(char** environment) noexcept {
  std::size_t count = 0;
  while (environment[count] != nullptr) ++count;
  char** const kept = static_cast<char**>(calloc(count + 1, sizeof(char*)));
  if (kept == nullptr) return nullptr;
  char** next = kept;
  for (char** variable = environment; *variable != nullptr; ++variable) {
    if (!take_limit(*variable)) *next++ = *variable;
  }
  return kept;
}

}  // namespace sifguard
