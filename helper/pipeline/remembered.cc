// What the node remembers of its sifguard.yaml. Root.
#include "helper/pipeline/remembered.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <span>

#include "keystore/base/atomic_file.h"
#include "keystore/base/fd.h"
#include "keystore/base/trusted_file.h"

namespace sifguard {

namespace er = enforcement_record;

namespace {

constexpr mode_t kMode = 0600;

bool is_settled(const er::Identity& file, std::int64_t now_ns) {
  constexpr std::int64_t kSettled = 2'000'000'000;
  const std::int64_t age = now_ns - file.changed_ns;
  return file.kind != er::Identity::kThere || age > kSettled || age < -kSettled;
}

}  // namespace

Remembered recall(const std::string& directory) {
  Remembered remembered;
  remembered.memory = er::recall(directory.c_str(), remembered.record);
  if (remembered.memory != er::Memory::good) remembered.record = {};
  return remembered;
}

er::Record after_reading(const Remembered& before, const er::Identity& file, bool understood,
                         bool enforces, std::int64_t now_ns) {
  er::Record record;
  record.last_good = before.record.last_good;
  if (understood) record.last_good = enforces ? er::kEnforces : er::kNothing;
  record.understood = understood ? 1 : 0;
  if (is_settled(file, now_ns)) record.seen = file;
  record.sum = er::sum_of(record);
  return record;
}

Status remember(const std::string& directory, const Remembered& before, const er::Record& record) {
  if (before.memory == er::Memory::good &&
      std::memcmp(&before.record, &record, sizeof record) == 0) {
    return {};
  }
  char name[HOST_NAME_MAX + 32];
  if (!er::file_name(name, sizeof name)) {
    return fail(Code::config, "this node has no host name");
  }
  ::mkdir(directory.c_str(), 0700);  // where packages did not make it; else it is as it is
  SG_TRY(const UniqueFd place, open_trusted_directory(directory, Trust{0}));
  const auto bytes = std::as_bytes(std::span(&record, 1));
  const std::string shown = directory + "/" + name;
  auto written = replace_file(place.get(), name, bytes, kMode, shown);
  if (!written && record.last_good == er::kEnforces) {
    constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    const UniqueFd emptied(::openat(place.get(), name, kFlags, kMode));
  }
  return written;
}

}  // namespace sifguard
