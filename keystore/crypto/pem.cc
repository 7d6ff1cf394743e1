// PEM files of public things. Any privilege.
#include "keystore/crypto/pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <memory>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/openssl.h"

namespace sifguard {
namespace {

struct OpensslFree {
  void operator()(void* memory) const noexcept { OPENSSL_free(memory); }
};
template <typename T>
using Buffer = std::unique_ptr<T, OpensslFree>;

/// The next block; nullopt at the end.
Result<std::optional<PemBlock>> next_block(BIO* from) {
  char* raw_name = nullptr;
  char* raw_header = nullptr;
  unsigned char* raw_data = nullptr;
  long size = 0;
  ERR_clear_error();
  if (PEM_read_bio(from, &raw_name, &raw_header, &raw_data, &size) != 1) {
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
      return fail_openssl(Code::refused, "malformed PEM");
    }
    ERR_clear_error();
    return std::nullopt;
  }
  const Buffer<char> name(raw_name);
  const Buffer<char> header(raw_header);
  const Buffer<unsigned char> data(raw_data);
  const auto bytes = std::as_writable_bytes(std::span(data.get(), static_cast<std::size_t>(size)));
  const std::string_view name_text(name.get());
  if (name_text.ends_with("PRIVATE KEY")) {
    wipe(bytes);
    return fail(Code::refused, "a private key is in the file", "give only the public part");
  }
  if (*header != '\0') return fail(Code::refused, "a PEM block has headers (is it encrypted?)");
  return PemBlock{std::string(name_text), {bytes.begin(), bytes.end()}};
}

}  // namespace

bool is_pem(std::string_view data) noexcept {
  return data.find("-----BEGIN ") != std::string_view::npos;
}

Result<std::vector<PemBlock>> read_pem(std::string_view data, std::size_t limit) {
  const Bio bio = view_bio(as_bytes(data));
  if (!bio) return fail_openssl(Code::temporary, "cannot read a PEM file");
  std::vector<PemBlock> blocks;
  for (;;) {
    SG_TRY(std::optional<PemBlock> block, next_block(bio.get()));
    if (!block) break;
    if (blocks.size() == limit) {
      return fail(Code::refused, "too many PEM blocks: more than " + std::to_string(limit),
                  limit == 1 ? "give a file with the one that is wanted alone"
                             : "take out what is not needed here, or give them in several files");
    }
    blocks.push_back(*std::move(block));
  }
  if (blocks.empty()) return fail(Code::refused, "not a PEM file");
  return blocks;
}

Result<std::vector<std::vector<std::byte>>> read_pem_of(std::string_view data,
                                                        std::string_view name, std::size_t limit) {
  SG_TRY(std::vector<PemBlock> blocks, read_pem(data, limit));
  std::vector<std::vector<std::byte>> contents;
  for (PemBlock& block : blocks) {
    if (block.name != name) {
      return fail(Code::refused, "a PEM block is '" + printable(block.name, 64) + "', not '" +
                                     std::string(name) + "'");
    }
    contents.push_back(std::move(block.der));
  }
  return contents;
}

}  // namespace sifguard
