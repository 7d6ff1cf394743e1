// A table of fixed size that remembers, for one boot, the digests of files. Root; in a directory
// that only root can use.
//
// A file of 1024 sets of 8 records of 128 bytes, in host order: check u8[16], place u8[32], state
// u8[32], digest u8[32] (zero: none), stamp i64, uid u32, zero u32. Place and state are hashes of
// texts. The place says where something is and chooses the set; the state says in which version it
// is there. A new state replaces the record of the old one, so that a file that changes all the
// time takes one record. The check is a hash of the other fields and of the boot: a record that is
// incomplete or of another boot is invalid. Nothing needs a lock or has to be durable: a lost
// record costs one more pass over a file. In a full set, a new record replaces one of the user who
// has the most records in it, so that one user's files cannot evict the records of all others.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "keystore/base/fd.h"
#include "keystore/crypto/digest.h"

namespace sifguard {

class DigestTable {
 public:
  struct Key {
    std::string place, state;
  };
  struct Found {
    std::string digest;  ///< 64 lower-case hexadecimal digits
    std::int64_t stamp = 0;
  };

  DigestTable() = default;
  /// Opens `name`, or makes it. Errors: Code::config if it is not a regular file, Code::temporary
  /// without space.
  [[nodiscard]] static Result<DigestTable> open(int directory_fd, const std::string& name,
                                                std::string boot_id, const std::string& shown);
  /// Another handle of the same table. Errors: Code::temporary.
  [[nodiscard]] Result<DigestTable> again() const;

  [[nodiscard]] std::optional<Found> find(const Key& key) const;
  /// `digest`: as above, or empty to forget the record. Errors: Code::temporary without space.
  Status put(const Key& key, const std::string& digest, std::uint32_t uid,
             std::int64_t stamp) const;
  /// Forgets records of another boot, and those whose digest is not `wanted`.
  Status keep(const std::function<bool(const std::string& digest)>& wanted) const;

 private:
  struct Record {
    std::array<std::byte, 16> check{};
    Sha256Digest place{}, state{}, digest{};
    std::int64_t stamp = 0;
    std::uint32_t uid = 0, zero = 0;
  };
  static constexpr std::size_t kSets = 1024, kWays = 8;
  using Set = std::array<Record, kWays>;

  [[nodiscard]] Result<std::array<std::byte, 16>> check_of(const Record& record) const;
  [[nodiscard]] bool is_valid(const Record& record) const;
  [[nodiscard]] Result<Set> read_set(std::size_t number) const;
  [[nodiscard]] std::size_t way_for(const Set& set, const Record& record) const;
  Status write(std::size_t set, std::size_t way, const Record& record) const;

  UniqueFd fd_;
  std::string boot_id_, shown_;
};

}  // namespace sifguard
