// Memory for secrets. Any process; locking requires CAP_IPC_LOCK or RLIMIT_MEMLOCK.
#include "keystore/base/secret.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace sifguard {

void wipe(std::span<std::byte> bytes) noexcept {
  if (!bytes.empty()) ::explicit_bzero(bytes.data(), bytes.size());
}

Result<SecretBytes> SecretBytes::allocate(std::size_t size) {
  SecretBytes secret;
  if (size == 0) return secret;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t mapped = (size + page - 1) / page * page;
  void* const memory =
      ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return fail_errno(Code::temporary, "cannot get memory for a secret", errno);
  }
  secret.data_ = static_cast<std::byte*>(memory);
  secret.size_ = size;
  secret.mapped_ = mapped;
  if (::mlock(memory, mapped) != 0) {
    return fail_errno(Code::temporary, "cannot lock memory for a secret", errno,
                      "raise the limit of locked memory (ulimit -l)");
  }
  if (::madvise(memory, mapped, MADV_DONTDUMP) != 0 ||
      ::madvise(memory, mapped, MADV_WIPEONFORK) != 0) {
    return fail_errno(Code::internal, "cannot protect memory for a secret", errno);
  }
  return secret;
}

Result<SecretBytes> SecretBytes::copy_of(std::span<const std::byte> bytes) {
  SG_TRY(SecretBytes secret, allocate(bytes.size()));
  if (!bytes.empty()) std::memcpy(secret.data_, bytes.data(), bytes.size());
  return secret;
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      mapped_(std::exchange(other.mapped_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    release();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    mapped_ = std::exchange(other.mapped_, 0);
  }
  return *this;
}

SecretBytes::~SecretBytes() {
  release();
}

void SecretBytes::shrink(std::size_t size) noexcept {
  if (size >= size_) return;
  wipe(bytes().subspan(size));
  size_ = size;
}

void SecretBytes::release() noexcept {
  if (data_ == nullptr) return;
  ::explicit_bzero(data_, mapped_);
  ::munmap(data_, mapped_);  // unmapping unlocks
  data_ = nullptr;
  size_ = mapped_ = 0;
}

Result<SecretBytes> read_secret(int fd, std::size_t limit, std::string_view what) {
  SG_TRY(SecretBytes secret, SecretBytes::allocate(limit + 1));
  std::size_t have = 0;
  while (have < secret.size()) {
    const ssize_t done = ::read(fd, secret.bytes().data() + have, secret.size() - have);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return fail_errno(Code::no_input, "cannot read " + std::string(what), errno);
    if (done == 0) break;
    have += static_cast<std::size_t>(done);
  }
  if (have > limit) {
    return fail(Code::refused,
                std::string(what) + " is larger than " + std::to_string(limit) + " bytes");
  }
  secret.shrink(have);
  return secret;
}

Status harden_process() {
  const struct rlimit none = {0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0) {
    return fail_errno(Code::internal, "cannot forbid core dumps", errno);
  }
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return fail_errno(Code::internal, "cannot make this process undumpable", errno);
  }
  return {};
}

}  // namespace sifguard
