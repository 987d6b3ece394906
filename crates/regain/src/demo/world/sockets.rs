//! Where the services of a world listen.

use anyhow::Result;
use tokio::net::TcpListener;
use url::Url;

use super::PORTS;

/// The four sockets of a world.
pub(super) struct Sockets {
    pub(super) portal: TcpListener,
    pub(super) exchange: TcpListener,
    pub(super) page: TcpListener,
    pub(super) smtp: TcpListener,
}

async fn bind(port: u16) -> Result<TcpListener> {
    match TcpListener::bind(("127.0.0.1", port)).await {
        Ok(listener) => Ok(listener),
        Err(_) => Ok(TcpListener::bind(("127.0.0.1", 0)).await?),
    }
}

impl Sockets {
    /// Opens them.
    pub(super) async fn open(free_ports: bool) -> Result<Self> {
        let [portal, exchange, page] = if free_ports { [0; 3] } else { PORTS };
        Ok(Self {
            portal: bind(portal).await?,
            exchange: bind(exchange).await?,
            page: bind(page).await?,
            smtp: bind(0).await?,
        })
    }
}

/// `localhost`, because passkeys need a name.
pub(super) fn url_of(listener: &TcpListener) -> Result<Url> {
    let port = listener.local_addr()?.port();
    Ok(Url::parse(&format!("http://localhost:{port}/"))?)
}
