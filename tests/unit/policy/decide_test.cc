// The decision: default reject, deny beats allow, unknown refuses, all matching bindings pass.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "keystore/policy/policy.h"
#include "tests/unit/policy/names.h"

namespace sifguard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Values = std::vector<std::string>;

const std::string kA(40, 'A');
const std::string kB(40, 'B');
constexpr std::int64_t kNow = 1'800'000'000;

Binding binding(const std::string& name, const std::string& pattern = "/apps/*.sif") {
  Binding b;
  b.name = name;
  b.match = {pattern};
  b.signers.any_of = {kA};
  b.allow.users = Values{"alice"};
  return b;
}

Facts facts() {
  Facts f;
  f.user = "alice";
  f.groups = {"users", "bio"};
  f.account = "acct";
  f.partition = "secure";
  f.qos = "normal";
  f.reservation = "";
  f.node = "n1";
  f.now = kNow;
  f.image_names = test::named({"/apps/lolcow.sif"});
  return f;
}

std::string refusal(const Policy& policy, const Facts& f) {
  const auto decision = decide(policy, f);
  if (decision) return "";
  EXPECT_EQ(decision.error().code(), Code::denied);
  return decision.error().what();
}

TEST(DecideTest, AllowsWhatABindingAllows) {
  Binding b = binding("lolcow");
  b.key = "cowkey";
  b.digest = "sha256:00";
  b.signers.signed_after = 7;
  const auto decision = decide({{b}}, facts());
  ASSERT_TRUE(decision);
  EXPECT_THAT(decision->bindings(), ElementsAre("lolcow"));
  EXPECT_THAT(decision->signers(), ElementsAre(b.signers));
  EXPECT_EQ(decision->key(), "cowkey");
  EXPECT_EQ(decision->digest(), "sha256:00");
  EXPECT_EQ(decision->mode(), Mode::enforce);
  EXPECT_EQ(decision->runtime(), RuntimeRule{});
}

TEST(DecideTest, RejectsByDefault) {
  EXPECT_THAT(refusal({}, facts()), HasSubstr("no binding is for the image /apps/lolcow.sif"));
  EXPECT_THAT(refusal({{binding("x", "/other/*")}}, facts()), HasSubstr("no binding"));
  Facts nameless = facts();
  nameless.image_names = {};
  EXPECT_THAT(refusal({{binding("x", "/**")}}, nameless), HasSubstr("no binding"));
}

TEST(DecideTest, ARefusalEscapesTheImagesName) {
  Facts f = facts();
  f.image_names = test::named({"/a\n\x1b[2J"});
  EXPECT_THAT(refusal({}, f), HasSubstr("/a\\x0a\\x1b[2J"));
}

TEST(DecideTest, NamesTheUserButNotWhoIsAllowed) {
  Facts f = facts();
  f.user = "mallory";
  const std::string message = refusal({{binding("lolcow")}}, f);
  EXPECT_EQ(message, "binding 'lolcow' does not allow user mallory");
}

TEST(DecideTest, EachDimensionMustHold) {
  const auto refused = [](auto set) {
    Binding b = binding("b");
    set(b.allow);
    return refusal({{b}}, facts());
  };
  const Values other = {"other"};
  EXPECT_THAT(refused([&](Audience& a) { a.users = other; }), HasSubstr("allow user alice"));
  EXPECT_THAT(refused([&](Audience& a) { a.groups = other; }),
              HasSubstr("allow the groups of user alice"));
  EXPECT_THAT(refused([&](Audience& a) { a.accounts = other; }), HasSubstr("allow account acct"));
  EXPECT_THAT(refused([&](Audience& a) { a.partitions = other; }),
              HasSubstr("allow partition secure"));
  EXPECT_THAT(refused([&](Audience& a) { a.qos = other; }), HasSubstr("allow qos normal"));
  EXPECT_THAT(refused([&](Audience& a) { a.reservations = other; }),
              HasSubstr("allow a job without reservation"));
  EXPECT_THAT(refused([&](Audience& a) { a.nodes = other; }), HasSubstr("allow node n1"));
  EXPECT_EQ(refused([&](Audience& a) {
              a = {Values{"x", "alice"}, Values{"bio"}, Values{"acct"}, Values{"secure", "x"},
                   Values{"normal"},     std::nullopt,  Values{"n1"}};
            }),
            "");
}

TEST(DecideTest, NamesAreComparedWholeAndByCase) {
  for (const char* user : {"Alice", "alice2", "alic", "alice ", "*"}) {
    Facts f = facts();
    f.user = user;
    EXPECT_THAT(refusal({{binding("b")}}, f), HasSubstr("does not allow user")) << user;
  }
}

TEST(DecideTest, AConstrainedFactThatIsUnknownRefuses) {
  const std::pair<void (*)(Facts&), void (*)(Audience&)> dimensions[] = {
      {[](Facts& f) { f.user.clear(); }, [](Audience& a) { a.users = Values{""}; }},
      {[](Facts& f) { f.groups.clear(); }, [](Audience& a) { a.groups = Values{"x"}; }},
      {[](Facts& f) { f.account.reset(); }, [](Audience& a) { a.accounts = Values{"x"}; }},
      {[](Facts& f) { f.account = ""; }, [](Audience& a) { a.accounts = Values{"x"}; }},
      {[](Facts& f) { f.partition.reset(); }, [](Audience& a) { a.partitions = Values{"x"}; }},
      {[](Facts& f) { f.partition = ""; }, [](Audience& a) { a.partitions = Values{"x"}; }},
      {[](Facts& f) { f.qos.reset(); }, [](Audience& a) { a.qos = Values{"x"}; }},
      {[](Facts& f) { f.reservation.reset(); }, [](Audience& a) { a.reservations = Values{"x"}; }},
      {[](Facts& f) { f.node.reset(); }, [](Audience& a) { a.nodes = Values{"x"}; }}};
  for (const auto& [forget, constrain] : dimensions) {
    Facts f = facts();
    forget(f);
    Binding allowing = binding("b");
    constrain(allowing.allow);
    EXPECT_THAT(refusal({{allowing}}, f), HasSubstr("is not known here"));
    // A deny on what is unknown refuses too: otherwise it would let a denied job through.
    Binding denying = binding("b");
    denying.allow = {};
    denying.allow.users = Values{std::string(kAnyUser)};
    denying.deny.emplace();
    constrain(*denying.deny);
    EXPECT_THAT(refusal({{denying}}, f), HasSubstr("is not known here"));
    // With the fact known, neither refuses for that reason.
    EXPECT_THAT(refusal({{denying}}, facts()), IsEmpty());
  }
}

TEST(DecideTest, UnknownFactsThatNothingConstrainsDoNotMatter) {
  Facts f;
  f.user = "alice";
  f.image_names = test::named({"/apps/x.sif"});
  EXPECT_EQ(refusal({{binding("b")}}, f), "");
}

TEST(DecideTest, DenyBeatsAllow) {
  Binding b = binding("b");
  b.deny.emplace().users = Values{"mallory", "alice"};
  EXPECT_EQ(refusal({{b}}, facts()), "binding 'b' denies user alice");
  b.deny->users = Values{std::string(kAnyUser)};
  EXPECT_EQ(refusal({{b}}, facts()), "binding 'b' denies user alice");
}

TEST(DecideTest, DimensionsOfADenyAreAndedAndItsValuesOred) {
  Binding b = binding("b");
  b.deny.emplace().users = Values{"alice"};
  b.deny->partitions = Values{"debug"};
  EXPECT_EQ(refusal({{b}}, facts()), "");
  b.deny->partitions = Values{"debug", "secure"};
  EXPECT_EQ(refusal({{b}}, facts()), "binding 'b' denies user alice, partition secure");
  b.deny->users = Values{"mallory"};
  EXPECT_EQ(refusal({{b}}, facts()), "");
}

TEST(DecideTest, AJobKnownToHaveNoReservationIsNotDeniedByReservation) {
  Binding b = binding("b");
  b.deny.emplace().reservations = Values{"maintenance"};
  EXPECT_EQ(refusal({{b}}, facts()), "");
  Facts f = facts();
  f.reservation = "maintenance";
  EXPECT_THAT(refusal({{b}}, f), HasSubstr("denies reservation maintenance"));
}

TEST(DecideTest, AnyUserStillNeedsAUserAndTheOtherDimensions) {
  Binding b = binding("b");
  b.allow.users = Values{std::string(kAnyUser)};
  EXPECT_EQ(refusal({{b}}, facts()), "");
  Facts f = facts();
  f.user.clear();
  EXPECT_THAT(refusal({{b}}, f), HasSubstr("not known"));
  b.allow.partitions = Values{"x"};
  EXPECT_THAT(refusal({{b}}, facts()), HasSubstr("partition"));
}

TEST(DecideTest, AStarIsSpecialForUsersAlone) {
  Binding b = binding("b");
  b.allow.groups = Values{"*"};
  EXPECT_THAT(refusal({{b}}, facts()), HasSubstr("does not allow the groups"));
}

TEST(DecideTest, ABindingWithoutAnyAllowAllowsNobody) {
  Binding b = binding("b");
  b.allow = {};
  EXPECT_EQ(refusal({{b}}, facts()), "binding 'b' allows nobody");
}

TEST(DecideTest, PreloadedIsWhatAnyBindingSays) {
  Binding strict = binding("strict");
  strict.preloaded = true;
  EXPECT_TRUE(decide({{binding("b"), strict}}, facts())->preloaded());
  EXPECT_FALSE(decide({{binding("b")}}, facts())->preloaded());
}

TEST(DecideTest, NotBeforeIsTheFirstSecondAllowed) {
  Binding b = binding("b");
  b.not_before = kNow;
  EXPECT_EQ(refusal({{b}}, facts()), "");
  b.not_before = kNow + 1;
  EXPECT_THAT(refusal({{b}}, facts()), HasSubstr("binding 'b' begins on 2027-01-15T08:00:01Z"));
}

TEST(DecideTest, NotAfterIsTheLastSecondAllowed) {
  Binding b = binding("b");
  b.not_after = kNow;
  EXPECT_EQ(refusal({{b}}, facts()), "");
  b.not_after = kNow - 1;
  EXPECT_THAT(refusal({{b}}, facts()), HasSubstr("binding 'b' ended on 2027-01-15T07:59:59Z"));
}

/// What lets mallory pass the binding "lolcow" for an hour from kNow on.
BreakGlass leave() {
  return {"bg-1", "lolcow", "mallory", kNow, kNow + 3600};
}

TEST(DecideTest, BreakGlassStandsInForTheAllowOfItsBindingAndUser) {
  Facts f = facts();
  f.user = "mallory";
  Binding b = binding("lolcow");
  b.key = "cowkey";
  EXPECT_THAT(refusal({{b}}, f), HasSubstr("does not allow user mallory"));
  const auto decision = decide({{b}, {leave()}}, f);
  ASSERT_TRUE(decision) << decision.error().line();
  EXPECT_THAT(decision->break_glass(), ElementsAre("bg-1"));
  EXPECT_EQ(decision->key_break_glass(), "bg-1");
  EXPECT_THAT(decision->signers(), ElementsAre(b.signers));
  f.partition.reset();  // facts that the allow asks for and that are not known, too
  b.allow.partitions = Values{"secure"};
  EXPECT_TRUE(decide({{b}, {leave()}}, f));
}

TEST(DecideTest, BreakGlassThatIsNotNeededIsNotUsed) {
  BreakGlass l = leave();
  l.user = "alice";
  const auto decision = decide({{binding("lolcow")}, {l}}, facts());
  ASSERT_TRUE(decision);
  EXPECT_THAT(decision->break_glass(), IsEmpty());
  EXPECT_FALSE(decision->key_break_glass());  // the binding has no key
}

TEST(DecideTest, BreakGlassOfAnotherUserBindingOrTimeLetsNobodyPass) {
  Facts f = facts();
  f.user = "mallory";
  const auto refuses = [&](auto change) {
    BreakGlass l = leave();
    Facts now = f;
    change(l, now);
    EXPECT_NE(refusal({{binding("lolcow")}, {l}}, now), "");
  };
  refuses([](BreakGlass& l, Facts&) { l.user = "mal"; });
  refuses([](BreakGlass& l, Facts&) { l.user = "*"; });
  refuses([](BreakGlass& l, Facts& now) { l.user = now.user = ""; });
  refuses([](BreakGlass& l, Facts&) { l.binding = "lolcow2"; });
  refuses([](BreakGlass& l, Facts&) { l.binding = "*"; });
  refuses([](BreakGlass&, Facts& now) { now.now = kNow - 1; });
  refuses([](BreakGlass&, Facts& now) { now.now = kNow + 3600; });
  refuses([](BreakGlass& l, Facts&) { l.until = kNow + 24 * 3600 + 1; });
  refuses([](BreakGlass&, Facts& now) { now.image_names = test::named({"/other.sif"}); });
}

TEST(DecideTest, BreakGlassLeavesDenyEndAndOtherBindingsAsTheyAre) {
  Facts f = facts();
  f.user = "mallory";
  Binding denying = binding("lolcow");
  denying.deny = Audience{};
  denying.deny->users = Values{"mallory"};
  EXPECT_THAT(refusal({{denying}, {leave()}}, f), HasSubstr("denies user mallory"));
  Binding ended = binding("lolcow");
  ended.not_after = kNow - 1;
  EXPECT_THAT(refusal({{ended}, {leave()}}, f), HasSubstr("ended on"));
  EXPECT_THAT(refusal({{binding("lolcow"), binding("other")}, {leave()}}, f),
              HasSubstr("binding 'other' does not allow"));
}

TEST(DecideTest, AllMatchingBindingsMustAllow) {
  Binding strict = binding("strict");
  strict.allow.groups = Values{"secret"};
  const Binding loose = binding("loose", "/apps/**");
  EXPECT_THAT(refusal({{loose, strict}}, facts()), HasSubstr("binding 'strict'"));
  EXPECT_THAT(refusal({{strict, loose}}, facts()), HasSubstr("binding 'strict'"));
}

TEST(DecideTest, BindingsOfEveryNameOfTheImageApply) {
  Binding canonical = binding("canonical", "/secure/*");
  canonical.allow.users = Values{"bob"};
  Facts f = facts();
  f.image_names = test::named({"/apps/link.sif", "/secure/real.sif"});
  EXPECT_THAT(refusal({{binding("typed"), canonical}}, f), HasSubstr("binding 'canonical'"));
  canonical.allow.users = Values{"alice"};
  const auto decision = decide({{binding("typed"), canonical}}, f);
  ASSERT_TRUE(decision);
  EXPECT_THAT(decision->bindings(), ElementsAre("typed", "canonical"));
}

TEST(DecideTest, GathersEverySignerRequirement) {
  Binding second = binding("second");
  second.signers.any_of = {kB, kA};
  second.signers.all_of = {std::string(40, '0')};
  const auto decision = decide({{binding("first"), second}}, facts());
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->signers().size(), 2U);
  EXPECT_THAT(decision->named_signers(), ElementsAre(std::string(40, '0'), kA, kB));
}

TEST(NarrowTest, DemandsASignerThatTheBindingNames) {
  Binding b = binding("lolcow");
  b.signers.any_of = {kA, kB};
  const auto decision = narrow(*decide({{b}}, facts()), "bbbb " + std::string(36, 'b'));
  ASSERT_TRUE(decision) << decision.error().line();
  ASSERT_EQ(decision->signers().size(), 2U);
  EXPECT_EQ(decision->signers()[0], b.signers);
  EXPECT_THAT(decision->signers()[1].all_of, ElementsAre(kB));
  EXPECT_THAT(decision->named_signers(), ElementsAre(kA, kB));
}

TEST(NarrowTest, TakesTheFormThatTheBindingsTake) {
  const auto legacy_of = [](std::vector<Binding> bindings) {
    const auto decision = narrow(*decide({std::move(bindings)}, facts()), kA);
    EXPECT_EQ(decision->signers().back().all_of, Values{kA});
    return decision->signers().back().legacy;
  };
  Binding old = binding("old"), strict = binding("strict"), other = binding("other");
  old.signers.any_of = {kA, kB};
  old.signers.legacy = true;
  strict.signers.any_of = {kA};
  other.signers.any_of = {kB};
  EXPECT_TRUE(legacy_of({old}));
  EXPECT_FALSE(legacy_of({strict}));
  EXPECT_FALSE(legacy_of({old, strict}));
  EXPECT_FALSE(legacy_of({strict, old}));
  EXPECT_TRUE(legacy_of({old, other}));  // which asks nothing of this signer
}

TEST(NarrowTest, NeverWidens) {
  const Decision decision = *decide({{binding("lolcow")}}, facts());
  const auto stranger = narrow(decision, kB);
  ASSERT_FALSE(stranger);
  EXPECT_EQ(stranger.error().code(), Code::denied);
  EXPECT_THAT(stranger.error().what(), HasSubstr("'lolcow' does not name signer " + kB));
  EXPECT_EQ(narrow(decision, "AAAA").error().code(), Code::usage);
  EXPECT_EQ(narrow(decision, "").error().code(), Code::usage);
}

TEST(DecideTest, ContradictingKeysOrDigestsRefuse) {
  Binding first = binding("first");
  Binding second = binding("second");
  first.key = "k1";
  EXPECT_EQ(decide({{first, second}}, facts())->key(), "k1");
  EXPECT_EQ(decide({{second, first}}, facts())->key(), "k1");
  second.key = "k2";
  EXPECT_THAT(refusal({{first, second}}, facts()), HasSubstr("binding 'second' names another key"));
  second.key = "k1";
  EXPECT_EQ(refusal({{first, second}}, facts()), "");
  first.digest = "sha256:1";
  second.digest = "sha256:2";
  EXPECT_THAT(refusal({{first, second}}, facts()), HasSubstr("another digest"));
}

TEST(DecideTest, OneEnforcingBindingEnforces) {
  Binding warn = binding("warn");
  warn.mode = Mode::warn;
  EXPECT_EQ(decide({{warn}}, facts())->mode(), Mode::warn);
  EXPECT_EQ(decide({{warn, binding("b")}}, facts())->mode(), Mode::enforce);
  EXPECT_EQ(decide({{binding("b"), warn}}, facts())->mode(), Mode::enforce);
}

TEST(DecideTest, RuntimeRulesIntersectWhatUsersMayAndUniteWhatIsAdded) {
  Binding first = binding("first");
  Binding second = binding("second");
  first.runtime = {Values{"bind", "nv"}, {"/scratch", "/a"}, false};
  EXPECT_THAT(*decide({{second, first}}, facts())->runtime().allow, ElementsAre("bind", "nv"));
  second.runtime = {Values{"nv", "env"}, {"/a", "/b"}, true};
  const RuntimeRule rule = decide({{first, second}}, facts())->runtime();
  EXPECT_THAT(*rule.allow, ElementsAre("nv"));
  EXPECT_THAT(rule.binds, ElementsAre("/scratch", "/a", "/b"));
  EXPECT_TRUE(rule.contain);
  second.runtime.allow = Values{};
  EXPECT_THAT(*decide({{first, second}}, facts())->runtime().allow, IsEmpty());
}
}  // namespace
}  // namespace sifguard
