// The policy of a keystore, read as far as it is needed. Root on nodes; the owner of the keystore
// in `sifctl`.
#include "keystore/store/policy_reader.h"

#include "keystore/crypto/digest.h"
#include "keystore/store/single_file.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

/// Whether it fits is seen when it is used. Empty if it cannot be read.
std::string read_index(const Keystore& keystore) {
  const auto top = keystore.top();
  if (!top) return {};
  auto index = read_store_file(top->fd.get(), kImagesIndex, top->shown + "/" + kImagesIndex,
                               kMaxImagesSize, keystore.trust());
  return index ? *std::move(index) : std::string();
}

/// Best effort: the next to read makes it again. No lock is wanted: an index of an older file, put
/// over that of a newer one, is of no use, and does no harm.
void write_index(const Keystore& keystore, const std::string& index) {
  if (const auto top = keystore.top()) (void)put_file(*top, kImagesIndex, index);
}

}  // namespace

Result<PolicyReader> PolicyReader::load(const Keystore& keystore) {
  PolicyReader reader;
  SG_TRY(reader.text_, keystore.images_text());
  const bool large = reader.text_.size() >= kWorthAnIndex;
  if (large) {
    SG_TRY(reader.digest_, sha256(as_bytes(reader.text_)));
    reader.index_ = read_index(keystore);
    if (is_index_of(reader.index_, reader.digest_)) return reader;
    reader.index_.clear();
  }
  SG_TRY(reader.whole_, parse_policy(reader.text_));
  if (!large) return reader;
  if (const auto made = make_images_index(reader.text_, reader.digest_, *reader.whole_)) {
    write_index(keystore, *made);
  }
  return reader;
}

Result<Policy> PolicyReader::bindings_for(const ImageNames& names) const {
  if (whole_) return *whole_;
  if (auto found = indexed_bindings(index_, text_, digest_, names)) return *std::move(found);
  return parse_policy(text_);
}

Result<Policy> PolicyReader::all() const {
  if (whole_) return *whole_;
  if (auto found = all_indexed_bindings(index_, text_, digest_)) return *std::move(found);
  return parse_policy(text_);
}

}  // namespace sifguard
