//! Implementations that stand in for others.

use super::*;

/// An implementation at an address, whatever it is told to install.
pub(super) struct Fixed {
    pub(super) description: Description,
    endpoint: Endpoint,
    pub(super) hangs: bool,
}

impl Fixed {
    pub(super) fn at(authority: String) -> Self {
        Self {
            description: Description {
                name: "fixed".to_owned(),
                slots: 1,
                ..Description::default()
            },
            endpoint: Endpoint::new(authority, ""),
            hangs: false,
        }
    }

    /// One that nobody listens at.
    pub(super) async fn dead() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::at(listener.local_addr().unwrap().to_string())
    }

    /// One that answers requests without and with credentials like this.
    pub(super) async fn answering(bare: &'static str, authorized: &'static str) -> Self {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut buffer = vec![0; 4096];
                    // A request is small enough to come in one piece.
                    while let Ok(read) = stream.read(&mut buffer).await
                        && read > 0
                    {
                        let request = String::from_utf8_lossy(&buffer[..read]).to_lowercase();
                        let response = if request.contains("\r\nauthorization:") {
                            authorized
                        } else {
                            bare
                        };
                        if stream.write_all(response.as_bytes()).await.is_err() {
                            break;
                        }
                    }
                });
            }
        });
        Self::at(authority)
    }
}

impl Implementation for Fixed {
    fn description(&self) -> &Description {
        &self.description
    }

    fn install<'a>(
        &'a mut self,
        installation: &'a Installation,
    ) -> BoxFuture<'a, Result<Vec<Placement>, SetupFault>> {
        Box::pin(async move {
            if self.hangs {
                std::future::pending::<()>().await;
            }
            let place = |_| Placement::Endpoint(self.endpoint.clone());
            Ok(installation.policies.iter().map(place).collect())
        })
    }

    fn events(&mut self, _: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn stop(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

/// A reference that has other faults after the first run of a case and its sibling.
pub(super) struct Flipping {
    pub(super) inner: ReferenceImplementation,
    pub(super) installations: u32,
    pub(super) then: Vec<Fault>,
}

impl Implementation for Flipping {
    fn description(&self) -> &Description {
        self.inner.description()
    }

    fn install<'a>(
        &'a mut self,
        installation: &'a Installation,
    ) -> BoxFuture<'a, Result<Vec<Placement>, SetupFault>> {
        self.installations += 1;
        Box::pin(async move {
            if self.installations == 3 {
                self.inner.stop().await;
                self.inner = ReferenceImplementation::with_faults(&self.then);
            }
            self.inner.install(installation).await
        })
    }

    fn events(&mut self, generation: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        self.inner.events(generation)
    }

    fn stop(&mut self) -> BoxFuture<'_, ()> {
        self.inner.stop()
    }
}
