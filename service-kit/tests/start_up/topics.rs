//! Topics of the contract: made by their owner, waited for by readers, refused when they are no history.

use local_stack::Servers;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use service_kit::kafka::{KafkaSettings, Role, TopicError, TopicMode, TopicPlan, ensure_plan, ensure_topic};
use shared_events::topic::CUSTOMER_CHANGE;

struct World {
    servers: Servers,
    settings: KafkaSettings,
}

impl World {
    async fn new() -> Self {
        let servers = local_stack::servers().await;
        let settings = KafkaSettings {
            brokers: servers.kafka_brokers.clone(),
            topic_prefix: local_stack::random_prefix(),
            topics: TopicMode::Create,
            partitions: 3,
            replication: 0,
            linger_ms: 1,
            request_timeout_ms: 10_000,
        };
        Self { servers, settings }
    }

    async fn ensure(&self, role: Role) -> Result<i32, TopicError> {
        ensure_topic(&self.settings, &CUSTOMER_CHANGE, role).await.map(|info| info.partitions)
    }

    /// Somebody else makes the topic, with one setting that is not what a history needs.
    async fn made_with(&self, setting: &str, value: &str) {
        let admin: AdminClient<DefaultClientContext> = self.settings.client().create().unwrap();
        let name = self.settings.topic(&CUSTOMER_CHANGE);
        let right = [("retention.ms", "-1"), ("unclean.leader.election.enable", "false"), ("cleanup.policy", "delete")];
        let mut topic = NewTopic::new(&name, 3, TopicReplication::Fixed(1));
        for (right, value) in right.iter().filter(|(name, _)| *name != setting) {
            topic = topic.set(right, value);
        }
        let answers = admin.create_topics([&topic.set(setting, value)], &AdminOptions::new()).await.unwrap();
        answers.into_iter().next().unwrap().unwrap();
        tokio::task::spawn_blocking(|| drop(admin)).await.unwrap();
    }

    async fn end(self) {
        local_stack::drop_prefix(&self.servers, &self.settings.topic_prefix).await.unwrap();
    }
}

#[tokio::test]
async fn a_reader_waits_for_the_topic_that_its_owner_makes() {
    let world = World::new().await;
    assert!(matches!(world.ensure(Role::Reader).await, Err(TopicError::NotYet(_))));
    assert_eq!(world.ensure(Role::Owner).await, Ok(3));
    assert_eq!(world.ensure(Role::Owner).await, Ok(3));
    assert_eq!(world.ensure(Role::Reader).await, Ok(3));
    world.end().await;
}

#[tokio::test]
async fn two_owners_that_start_together_make_one_topic() {
    let world = World::new().await;
    let (one, other) = tokio::join!(world.ensure(Role::Owner), world.ensure(Role::Owner));
    assert_eq!((one, other), (Ok(3), Ok(3)));
    world.end().await;
}

#[tokio::test]
async fn the_cluster_that_a_topic_lives_in_is_told() {
    let world = World::new().await;
    let info = ensure_topic(&world.settings, &CUSTOMER_CHANGE, Role::Owner).await.unwrap();
    assert!(info.cluster_id.is_some_and(|id| !id.is_empty()));
    world.end().await;
}

#[tokio::test]
async fn a_topic_that_breaks_a_guarantee_is_refused_by_everybody_with_the_remedy() {
    let broken = [
        ("retention.ms", "604800000", "retention.ms=-1"),
        ("retention.bytes", "1000000", "retention.bytes=-1"),
        ("cleanup.policy", "compact", "cleanup.policy=delete"),
        ("unclean.leader.election.enable", "true", "unclean.leader.election.enable=false"),
        ("max.message.bytes", "100000", "max.message.bytes=1048576"),
        ("min.insync.replicas", "2", "min.insync.replicas=1"),
    ];
    for (setting, value, remedy) in broken {
        let world = World::new().await;
        world.made_with(setting, value).await;
        for role in [Role::Owner, Role::Reader] {
            let Err(TopicError::Refused(refused)) = world.ensure(role).await else {
                panic!("{setting}={value} was accepted")
            };
            let sentence = refused.to_string();
            assert!(sentence.contains(&format!("{setting}={value}")), "{sentence}");
            assert!(sentence.contains(&format!("--add-config {remedy}")), "{sentence}");
        }
        world.end().await;
    }
}

#[tokio::test]
async fn an_owner_that_may_only_verify_names_the_command_that_makes_the_topic() {
    let mut world = World::new().await;
    world.settings.topics = TopicMode::Verify;
    let Err(TopicError::Refused(refused)) = world.ensure(Role::Owner).await else { panic!("it was not refused") };
    let sentence = refused.to_string();
    assert!(sentence.contains("--create") && sentence.contains("--config retention.ms=-1"), "{sentence}");
    world.end().await;
}

#[tokio::test]
async fn a_topic_that_cannot_be_made_is_refused_with_the_setting() {
    let mut world = World::new().await;
    world.settings.replication = 9;
    let Err(TopicError::Refused(refused)) = world.ensure(Role::Owner).await else { panic!("it was not refused") };
    assert!(refused.to_string().contains("kafka.replication"), "{refused}");
    world.end().await;
}

#[tokio::test]
async fn dead_letters_have_room_for_what_they_are_copies_of() {
    let world = World::new().await;
    let plan = TopicPlan::dead_letters(&world.settings, &CUSTOMER_CHANGE, "orders");
    assert_eq!(ensure_plan(&world.settings, &plan, Role::Owner).await.unwrap().partitions, 1);
    assert!(plan.record_limit() > TopicPlan::history(&world.settings, &CUSTOMER_CHANGE).record_limit());
    world.end().await;
}
