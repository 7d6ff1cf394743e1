// Every single flipped bit of small signed images of every form, and every truncation: what a
// signature covers cannot change unnoticed, and what it does not cover cannot change the facts.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "helper/verify/sandbox/hasher.h"
#include "helper/verify/sandbox/pgp_check.h"
#include "helper/verify/sandbox/verifier.h"
#include "tests/unit/verify/forms.h"

namespace sifguard {
namespace {

using test::at;
using test::kRow;
using test::peek;

#if defined(SIFGUARD_SANITIZED)
constexpr std::size_t kStride = 11;  // of the bits; prime to 8, so each byte and bit has its turn
#else
constexpr std::size_t kStride = 1;
#endif

enum class Part {
  covered,    ///< by the statement: any change must show
  loose,      ///< by nothing: a change is refused, or changes no fact
  claim,      ///< the signature's own descriptor: as loose, but for its id and its claim
  signature,  ///< the signature's data: a change must not lead to another statement
  unknown,    ///< anything may happen
};

/// Descriptor fields that no statement covers: id (its distance from the group's first is), group,
/// offset, padded size, modification time.
bool is_loose_field(std::size_t i) {
  return (i >= 5 && i < 13) || (i >= 17 && i < 25) || (i >= 33 && i < 41) || (i >= 49 && i < 57);
}

/// Of the header: architecture, times, free and total counts, place and size of table and data.
bool is_loose_header(std::size_t i) {
  return (i >= 45 && i < 48) || i >= 64;
}

/// An image and who covers what in it. A legacy signature covers data alone: nothing is said about
/// the rest.
struct Subject {
  std::string bytes;
  std::size_t table = test::kTable;
  std::vector<std::size_t> objects;     ///< table slots
  std::vector<std::size_t> signatures;  ///< table slots
  bool legacy = false;

  [[nodiscard]] bool in_data_of(const std::vector<std::size_t>& slots, std::size_t offset) const {
    return std::any_of(slots.begin(), slots.end(), [&](std::size_t slot) {
      const auto start = peek<std::uint64_t>(bytes, at(slot, 17));
      return offset >= start && offset - start < peek<std::uint64_t>(bytes, at(slot, 25));
    });
  }
  [[nodiscard]] Part part_at(std::size_t offset) const {
    if (in_data_of(objects, offset)) return Part::covered;
    if (in_data_of(signatures, offset)) return Part::signature;
    if (legacy) return Part::unknown;
    if (offset < 128) return is_loose_header(offset) ? Part::loose : Part::covered;
    if (offset < table) return Part::loose;
    const std::size_t slot = (offset - table) / kRow;
    const auto is_slot = [&](const auto& list) {
      return std::find(list.begin(), list.end(), slot) != list.end();
    };
    if (is_slot(signatures)) return Part::claim;
    if (!is_slot(objects)) return Part::loose;  // a row not used, or a gap
    return is_loose_field((offset - table) % kRow) ? Part::loose : Part::covered;
  }
};

/// As root would see it.
Result<VerifierReport> verify(int fd, std::size_t size) {
  SG_TRY(const VerifierReport report, verify_image(fd));
  return decode_report(encode_report(report), size);
}

bool is_accepted(const Result<VerifierReport>& report) {
  return report && !report->signatures.empty() &&
         std::all_of(
             report->signatures.begin(), report->signatures.end(),
             [](const SignatureReport& one) { return one.statement == StatementStatus::fits; });
}

/// The report without what legitimately depends on the bytes of `part`, in one string.
std::string facts_of(VerifierReport report, Part part) {
  for (SignatureReport& one : report.signatures) {
    if (part == Part::claim) {
      one.object_id = 0;
      one.claimed.clear();
    } else if (part == Part::signature) {
      one.signature.clear();
      one.key_hint.clear();
    }
  }
  return encode_report(report);
}

/// Asks cryptography about a pair that the verifier let through although its signature changed.
using Verify = std::function<bool(const std::string& text, const std::string& signature)>;

struct Tally {
  std::size_t flips = 0;
  std::size_t accepted = 0;
  std::size_t other_signatures = 0;
};

Tally flip_every_bit(const Subject& subject, const Verify& verify_pair) {
  EXPECT_TRUE(prepare_digests());
  Tally tally;
  const UniqueFd fd = test::file_of(subject.bytes);
  const auto original = verify(fd.get(), subject.bytes.size());
  EXPECT_TRUE(is_accepted(original));
  if (!is_accepted(original)) return tally;
  for (std::size_t bit = 0; bit < subject.bytes.size() * 8; bit += kStride) {
    const std::size_t offset = bit / 8;
    const bool gap = offset >= 192 && offset < subject.table;  // zeros that nobody reads
    if (gap && offset % 512 != 0) continue;
    const Part part = subject.part_at(offset);
    if (part == Part::unknown) continue;
    const char flipped = static_cast<char>(subject.bytes[offset] ^ (1 << (bit % 8)));
    if (::pwrite(fd.get(), &flipped, 1, static_cast<off_t>(offset)) != 1) break;
    const auto report = verify(fd.get(), subject.bytes.size());
    ++tally.flips;
    const auto where = [&] {
      return "byte " + std::to_string(offset) + ", bit " + std::to_string(bit % 8);
    };
    if (is_accepted(report)) {
      ++tally.accepted;
      EXPECT_NE(part, Part::covered) << where();
      EXPECT_EQ(facts_of(*report, part), facts_of(*original, part)) << where();
      for (std::size_t i = 0; part == Part::signature && i < report->signatures.size(); ++i) {
        const SignatureReport& one = report->signatures[i];
        if (one.signature == original->signatures[i].signature) continue;
        ++tally.other_signatures;
        EXPECT_FALSE(verify_pair(one.signed_text, one.signature)) << where();
      }
    }
    if (::pwrite(fd.get(), &subject.bytes[offset], 1, static_cast<off_t>(offset)) != 1) break;
    if (::testing::Test::HasFailure()) break;
  }
  EXPECT_TRUE(is_accepted(verify(fd.get(), subject.bytes.size())));
  return tally;
}

void truncate_everywhere(const std::string& bytes) {
  const UniqueFd fd = test::file_of(bytes);
  for (std::size_t size = bytes.size(); size-- > 0;) {
    ASSERT_EQ(::ftruncate(fd.get(), static_cast<off_t>(size)), 0);
    const auto report = verify(fd.get(), size);
    ASSERT_FALSE(report) << "cut to " << size;
    ASSERT_EQ(report.error().code(), Code::refused) << "cut to " << size;
  }
}

test::SifBuilder small_image() {
  test::ObjectSpec definition;
  definition.type = 0x4001;
  definition.data = "bootstrap: docker\n";
  definition.name = "Singularity.def";
  test::SifBuilder builder;
  builder.rows = 5;
  return builder.add(definition).add(test::partition_of(4, 2, "a root file system"));
}

/// An Ed25519 key of OpenSSL's.
class Key {
 public:
  Key() : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")) {}
  [[nodiscard]] std::string sign(const std::string& text) const {
    std::string signature(64, '\0');
    std::size_t size = signature.size();
    const Context context(EVP_MD_CTX_new());
    EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get());
    EVP_DigestSign(context.get(), bytes(signature.data()), &size, bytes(text.data()), text.size());
    return signature;
  }
  [[nodiscard]] bool verify(const std::string& text, const std::string& signature) const {
    const Context context(EVP_MD_CTX_new());
    EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get());
    return EVP_DigestVerify(context.get(), bytes(signature.data()), signature.size(),
                            bytes(text.data()), text.size()) == 1;
  }

 private:
  struct Deleter {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  using Context = std::unique_ptr<EVP_MD_CTX, Deleter>;
  static unsigned char* bytes(const char* text) {
    return reinterpret_cast<unsigned char*>(const_cast<char*>(text));
  }
  std::unique_ptr<EVP_PKEY, Deleter> key_;
};

TEST(BitFlips, OfADsseImageAreAllFound) {
  const Key key;
  test::SifBuilder builder = small_image();
  const std::string statement = test::statement_of(builder.build());
  const std::string signature = key.sign(test::pae_of(statement));
  ASSERT_TRUE(key.verify(test::pae_of(statement), signature));
  builder.add(test::signature_of(test::dsse_of(statement, {{"SHA256:me", signature}})));
  const std::string bytes = builder.build();
  const Tally tally = flip_every_bit(
      {bytes, test::kTable, {0, 1}, {2}, false},
      [&](const std::string& text, const std::string& other) { return key.verify(text, other); });
  EXPECT_GT(tally.flips, 30000 / kStride);
  EXPECT_GT(tally.accepted, 0U);  // else nothing was tested beyond refusals
  EXPECT_GT(tally.other_signatures, 0U);
  truncate_everywhere(bytes);
}

TEST(BitFlips, OfAnOpenpgpImageAreAllFound) {
  const test::TestGpg gpg;
  const std::string alice = gpg.generate("alice");
  test::SifBuilder builder = small_image();
  const std::string statement = test::statement_of(builder.build());
  builder.add(test::signature_of(gpg.clearsign(statement, alice)));
  const std::string bytes = builder.build();
  PgpRequest request;
  request.keys = {gpg.public_key(alice)};
  std::size_t seen = 0;
  const auto remember = [&](const std::string& text, const std::string& other) {
    // gpg takes its time: one bit of each byte.
    if (seen++ % (kStride == 1 ? 8 : 2) == 0) request.pairs.push_back({text, other});
    return false;
  };
  const Tally tally = flip_every_bit({bytes, test::kTable, {0, 1}, {2}, false}, remember);
  EXPECT_GT(tally.flips, 30000 / kStride);
  EXPECT_GT(request.pairs.size(), 20U);
  std::string home = "/tmp/sgXXXXXX";
  ASSERT_NE(::mkdtemp(home.data()), nullptr);
  const auto verdicts = check_pgp_pairs(request, home, "/usr/bin/gpg");
  std::filesystem::remove_all(home);
  ASSERT_TRUE(verdicts) << verdicts.error().line();
  for (const PgpVerdict& verdict : *verdicts) {
    // The signature packet has parts that bind nothing; they cannot make it another signer's.
    if (verdict.status == PgpStatus::good) {
      EXPECT_EQ(verdict.primary, alice);
    }
  }
  truncate_everywhere(bytes);
}

TEST(BitFlips, OfTheDataOfALegacyImageAreAllFound) {
  test::SifBuilder builder = small_image();
  builder.add(test::legacy_of("bootstrap: docker\na root file system", 0xf0000001, 0));
  const std::string bytes = builder.build();
  const Tally tally = flip_every_bit({bytes, test::kTable, {0, 1}, {2}, true},
                                     [](const auto&, const auto&) { return false; });
  EXPECT_GT(tally.flips, 2000 / kStride);
  truncate_everywhere(bytes);
}

class VectorFlips : public ::testing::TestWithParam<const char*> {};

TEST_P(VectorFlips, AreAllFound) {
  Subject subject;
  subject.bytes = test::vector_image(GetParam());
  SG_NEED_VECTOR(subject.bytes);
  subject.objects = {0, 1};
  subject.signatures = {2};
  constexpr std::size_t kEvery = 3 * kStride;  // the images above have had all their bits flipped
  std::size_t flips = 0;
  const UniqueFd fd = test::file_of(subject.bytes);
  ASSERT_TRUE(is_accepted(verify(fd.get(), subject.bytes.size())));
  for (std::size_t bit = 0; bit < subject.bytes.size() * 8; bit += kEvery) {
    const std::size_t offset = bit / 8;
    if (subject.part_at(offset) != Part::covered) continue;
    const char flipped = static_cast<char>(subject.bytes[offset] ^ (1 << (bit % 8)));
    ASSERT_EQ(::pwrite(fd.get(), &flipped, 1, static_cast<off_t>(offset)), 1);
    ASSERT_FALSE(is_accepted(verify(fd.get(), subject.bytes.size())))
        << "byte " << offset << ", bit " << bit % 8;
    ASSERT_EQ(::pwrite(fd.get(), &subject.bytes[offset], 1, static_cast<off_t>(offset)), 1);
    ++flips;
  }
  // Header 61, two rows of 585 less 32 each, data 4 and 4096.
  EXPECT_GE(flips, (61U + 2 * (kRow - 32) + 4100) * 8 / kEvery - 100);
}

INSTANTIATE_TEST_SUITE_P(BitFlips, VectorFlips,
                         ::testing::Values("one-group-signed-pgp", "one-group-signed-dsse"),
                         [](const auto& param_info) {
                           return std::string(param_info.param).substr(17);
                         });

}  // namespace
}  // namespace sifguard
